"""A tall stack of views of which only those near what is seen exist.

An answer of twenty thousand tokens has hundreds of views, and each takes more
than a hundred kilobytes and milliseconds of every new layout. So the stack holds
segments, which know what they say and how tall they are, and builds their views
where a person looks. What the segments are made of is in :mod:`segments`.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left
from typing import Final, NamedTuple

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QWidget

from hanlin_ui.chat import turn
from hanlin_ui.widgets.still import stand_still

_SPARE: Final = 6
"""Views of each kind that are kept for the next segments: making one takes milliseconds."""
_NEAR: Final = 1.0
"""How much is built above and below, in heights of what is seen."""
_FAR: Final = 2.5
"""Beyond this many heights a view is taken down."""


class Segment(ABC):
    """A stretch of the stack. Its view is made and taken down by the stack alone."""

    gap: int = 10
    """Pixels above it, unless it is the first."""

    def __init__(self) -> None:
        self.view: QWidget | None = None
        self.top = 0
        self.height = 0
        self.is_due = False
        """Its view is laid out for another width than the stack's."""

    @abstractmethod
    def build(self, parent: QWidget, spare: QWidget | None) -> QWidget:
        """Return a view that shows the segment: a new one, or ``spare``, once one of its kind."""

    @abstractmethod
    def measure(self, width: int) -> int:
        """Return the height of the view at ``width`` pixels; only while there is one."""

    @abstractmethod
    def estimate(self, width: int) -> int:
        """Return about how tall a view would be at ``width`` pixels, quickly."""

    @abstractmethod
    def stick(self, above: int) -> None:
        """Keep in sight what must be when ``above`` pixels of the view are scrolled out."""

    @abstractmethod
    def is_in_use(self) -> bool:
        """Tell whether the view must stay, because a person selected something in it."""

    @abstractmethod
    def leave(self) -> None:
        """Remember what the view alone knows: it is about to go to another segment."""


class Spot(NamedTuple):
    """A place in the stack that stays where it is while heights above it change."""

    segment: Segment
    below: int
    """Pixels from the segment's top."""


class ViewStack(QWidget):
    """Shows segments below each other, each as wide as the stack. For the GUI thread."""

    moved = Signal()
    """Something is at another height than before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stand_still(self)
        self._segments: list[Segment] = []
        self._seen: tuple[int, int] | None = None
        self._reserve = 0
        """Pixels kept for segments that are not there yet."""
        self._arranging = False
        self._spare: dict[type[Segment], list[QWidget]] = {}
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._on_later)

    def segments(self) -> tuple[Segment, ...]:
        """Return the segments, from the top."""
        return tuple(self._segments)

    def last(self) -> Segment | None:
        """Return the lowest segment."""
        return self._segments[-1] if self._segments else None

    def show_only(self, top: int, bottom: int) -> None:
        """Say which pixels of the stack are seen. All are, as long as nobody says so."""
        if self._seen != (top, bottom):
            self._seen = (top, bottom)
            self._build_seen()
            for segment in self._within(0):
                segment.stick(max(0, top - segment.top))

    def is_near(self, share: float = _NEAR) -> bool:
        """Tell whether a part of the stack is seen, or ``share`` such heights away."""
        if self._seen is None:
            return True
        top, bottom = self._seen
        room = round(share * (bottom - top))
        return top < bottom and top - room <= self.height() and bottom + room >= 0

    def reserve(self, height: int) -> None:
        """Keep ``height`` pixels for segments that will be there when they are seen."""
        self._reserve = height
        self._arrange()

    def spot_at(self, y: int) -> Spot | None:
        """Return the place at ``y``."""
        here = next((one for one in reversed(self._segments) if one.top <= y), None)
        return None if here is None else Spot(here, y - here.top)

    def y_of(self, spot: Spot) -> int | None:
        """Return where ``spot`` is now; None when its segment is gone."""
        return spot.segment.top + spot.below if spot.segment in self._segments else None

    def build_all(self) -> None:
        """Build every view that is due, at once."""
        for segment in self._within(_NEAR):
            self._build(segment)
        self._arrange()

    def add(self, segment: Segment) -> None:
        """Put ``segment`` below the others."""
        segment.height = segment.estimate(self.width())
        self._segments.append(segment)
        self._arrange()
        if segment in self._within(_NEAR)[-1:] and self.has_time():
            self._build(segment)
            self._arrange()

    def pop(self) -> None:
        """Take the lowest segment away."""
        self._take_down(self._segments.pop())
        self._arrange()

    def clear(self) -> None:
        """Take all segments away."""
        for segment in self._segments:
            self._take_down(segment)
        self._segments.clear()
        self._arrange()

    def changed(self, segment: Segment) -> None:
        """Find out how tall ``segment`` has become."""
        self._measure(segment)
        self._arrange()

    def rebuild(self) -> None:
        """Make the views anew, as they look different now."""
        for segment in self._segments:
            self._take_down(segment)
        self._drop_spare()
        self._build_seen()

    def event(self, event: QEvent) -> bool:
        """Follow a view that wants another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._measure_built()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow the new width: what is seen now, the rest when there is time."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            for segment in self._segments:
                segment.is_due = segment.view is not None
                self._measure(segment)
            for segment in self._within(0):
                self._widen(segment)
            self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """Measure again: hidden views do not wear their style yet."""
        super().showEvent(event)
        self._measure_built()

    def _measure_built(self) -> None:
        for segment in self._segments:
            if segment.view is not None:
                self._measure(segment)
        self._arrange()

    def _widen(self, segment: Segment) -> None:
        """Lay the segment's view out as wide as the stack is now."""
        if segment.is_due:
            segment.is_due = False
            self._measure(segment)

    def _measure(self, segment: Segment) -> None:
        if segment.is_due:
            return
        width = self.width()
        segment.height = segment.estimate(width) if segment.view is None else segment.measure(width)

    def _build_seen(self) -> None:
        """Build what is seen now, and what is near it a little later."""
        for segment in self._within(0):
            if self.has_time():
                self._build(segment)
                self._widen(segment)
        self._later.start(0)
        self._arrange()

    def _on_later(self) -> None:
        """Take down what is far away, and build what is near, what is seen first."""
        stay = {id(segment) for segment in self._within(_FAR)}
        for segment in self._segments:
            far = segment.view is not None and id(segment) not in stay
            if far and not segment.is_in_use():
                self._take_down(segment)
        if not stay:
            self._drop_spare()
        near = (*self._within(0), *self._within(_NEAR))
        due = [one for one in near if one.view is None]
        due += [one for one in self._segments if one.is_due]
        for segment in due:
            if not self.has_time():
                self._later.start(0)
                break
            self._build(segment)
            self._widen(segment)
        if due:
            self._arrange()

    def has_time(self) -> bool:
        """Tell whether more may be done before the event loop has its turn.

        Where nobody says what is seen, everything is done at once.
        """
        return self._seen is None or turn.has_time()

    def _within(self, share: float) -> list[Segment]:
        """Return the segments that are seen, or at most ``share`` such heights away."""
        if self._seen is None:
            return list(self._segments)
        top, bottom = self._seen
        room = round(share * (bottom - top))
        first = bisect_left(self._segments, top - room, key=lambda one: one.top + one.height)
        end = bisect_left(self._segments, bottom + room, key=lambda one: one.top)
        return self._segments[first:end]

    def _build(self, segment: Segment) -> None:
        if segment.view is not None:
            return
        spare = self._spare.get(type(segment))
        view = segment.build(self, spare.pop() if spare else None)
        segment.view = view
        view.setGeometry(0, segment.top, self.width(), segment.height)
        view.show()
        segment.height = segment.measure(self.width())

    def _drop_spare(self) -> None:
        for views in self._spare.values():
            while views:
                views.pop().deleteLater()

    def _take_down(self, segment: Segment) -> None:
        if segment.view is None:
            return
        segment.leave()
        view, segment.view = segment.view, None
        segment.is_due = False
        view.hide()
        spare = self._spare.setdefault(type(segment), [])
        if len(spare) < _SPARE:
            spare.append(view)
        else:
            view.deleteLater()

    def _arrange(self) -> None:
        if self._arranging:  # a view that is moved may say at once that it wants another height
            return
        self._arranging = True
        bottom = 0
        for segment in self._segments:
            segment.top = bottom + (segment.gap if bottom else 0)
            bottom = segment.top + segment.height
            if segment.view is not None:
                width = segment.view.width() if segment.is_due else self.width()
                segment.view.setGeometry(0, segment.top, width, segment.height)
        self._arranging = False
        bottom = bottom if self._segments else self._reserve
        if bottom != self.height():
            self.setFixedHeight(bottom)
        if not self._later.isActive():
            self._later.start(0)
        self.moved.emit()


def holds_focus(view: QWidget) -> bool:
    """Tell whether ``view`` or a part of it has the keyboard."""
    focused = QApplication.focusWidget()
    return focused is not None and (focused is view or view.isAncestorOf(focused))
