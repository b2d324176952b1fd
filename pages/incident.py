from ims.ui.incident import page

page.draw()
