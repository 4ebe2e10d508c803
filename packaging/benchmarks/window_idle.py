"""The peer of the gaps: an event loop that has nothing to do, for as long as the other streams."""

import json

from PySide6.QtCore import QCoreApplication, QTimer
from window_gaps import SECONDS, Gaps

application = QCoreApplication([])
gaps = Gaps()
gaps.start()
QTimer.singleShot(int(SECONDS * 1000) + 2000, application.quit)
application.exec()
print(json.dumps(gaps.stop()))
