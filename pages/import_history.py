from ims.ui import import_history

import_history.draw()
