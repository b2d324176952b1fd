from ims.ui.alerts import page

page.draw()
