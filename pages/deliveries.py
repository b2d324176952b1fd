from ims.ui import deliveries

deliveries.draw_page()
