"""The demo's calendar: days counted from today in the business's zone, and moments on them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Days:
    """Counts from `now` (aware): day 0 is today in `zone` (IANA), negative days are past."""

    now: datetime
    zone: str

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def day(self, offset: int) -> date:
        """The calendar day `offset` days from today."""
        return self.today + timedelta(days=offset)

    def workday(self, offset: int) -> date:
        """The same, moved off a weekend: back when it is past, forward when it is to come."""
        day, step = self.day(offset), timedelta(days=1 if offset > 0 else -1)
        while day.weekday() >= 5:
            day += step
        return day

    def moment(self, offset: int, clock: str = "10:00") -> datetime:
        """The moment (UTC) when the business's clock shows `clock` ("14:05") on that day."""
        return self.at(self.day(offset), clock)

    def past(self, offset: int, clock: str = "10:00") -> datetime:
        """The same, but never later than a few minutes ago: for what has happened."""
        return min(self.moment(offset, clock), self.now - timedelta(minutes=7))

    def local_day(self, moment: datetime) -> date:
        """The calendar day of a moment in the business's zone."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def at(self, day: date, clock: str) -> datetime:
        """The moment (UTC) when the business's clock shows `clock` on `day`."""
        hour, minute = clock.split(":")
        local = datetime.combine(day, time(int(hour), int(minute)), tzinfo=ZoneInfo(self.zone))
        return local.astimezone(UTC)
