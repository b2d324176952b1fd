from ims.ui.figures import page

page.draw()
