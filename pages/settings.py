from ims.ui.settings import page

page.draw()
