//! Moments and the calendar, as far as incremental cursors need them.
//!
//! Reads and writes what services send in this place, and no more; that is why it needs no library of times.

/// How many nanoseconds a second has.
pub const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// A moment: nanoseconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Moment(pub i128);

/// A moment by the calendar, in UTC.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Civil {
    /// The year.
    pub year: i64,
    /// The month, from 1.
    pub month: i64,
    /// The day, from 1.
    pub day: i64,
    /// The hour.
    pub hour: i64,
    /// The minute.
    pub minute: i64,
    /// The second.
    pub second: i64,
    /// The nanoseconds of the second.
    pub nanos: i64,
    /// The seconds east of UTC that the rest is given in; 0 in UTC.
    pub offset: i64,
}

impl Civil {
    /// The start of 1970.
    pub const START: Self = Self { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanos: 0, offset: 0 };

    /// A moment by the calendar. One out of reach is at its end.
    #[must_use]
    pub fn of(moment: Moment) -> Self {
        let narrow = |number: i128| i64::try_from(number).unwrap_or(0);
        let seconds = moment.0.div_euclid(NANOS_PER_SECOND).clamp(i128::from(i32::MIN) * 86_400, i128::from(i32::MAX) * 86_400);
        let (days, rest) = (narrow(seconds.div_euclid(86_400)), narrow(seconds.rem_euclid(86_400)));
        let (year, month, day) = date(days);
        let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
        Self { year, month, day, hour, minute, second, nanos: narrow(moment.0.rem_euclid(NANOS_PER_SECOND)), offset: 0 }
    }

    /// The moment. None if there is no such date or time.
    #[must_use]
    pub fn moment(&self) -> Option<Moment> {
        let fits = (1..=12).contains(&self.month)
            && (1..=31).contains(&self.day)
            && (0..=24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..=60).contains(&self.second)
            && self.year.abs() <= 999_999;
        let seconds = days(self.year, self.month, self.day) * 86_400 + self.hour * 3_600 + self.minute * 60 + self.second;
        fits.then(|| Moment(i128::from(seconds - self.offset) * NANOS_PER_SECOND + i128::from(self.nanos)))
    }
}

/// A date, or a date and a time, with or without a zone; without one it is in UTC.
#[must_use]
pub fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, ""),
    };
    let mut parts = date.splitn(3, '-').map(number);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let mut civil = Civil { year, month, day, ..Civil::START };
    if time.is_empty() {
        return civil.moment();
    }
    let (clock, offset) = split_zone(time)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = clock.splitn(3, ':').map(number);
    (civil.hour, civil.minute, civil.second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    civil.offset = offset;
    if !fraction.is_empty() {
        civil.nanos = nanos(fraction)?;
    }
    civil.moment()
}

/// The nanoseconds of a fraction's digits.
#[must_use]
pub fn nanos(fraction: &str) -> Option<i64> {
    number(format!("{fraction:0<9}").get(..9)?)
}

/// Splits the zone from a time of day; it is given in seconds east of UTC.
fn split_zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = time.find(['+', '-']) else { return Some((time, 0)) };
    let (clock, zone) = time.split_at(at);
    Some((clock, offset(zone)?))
}

/// The seconds east of UTC of `+01:00`, `+0100` or `+01`.
#[must_use]
pub fn offset(zone: &str) -> Option<i64> {
    let digits = zone.get(1..)?.replace(':', "");
    let minutes = digits.get(2..).filter(|digits| !digits.is_empty()).unwrap_or("0");
    let seconds = number(digits.get(..2)?)? * 3_600 + number(minutes)? * 60;
    match zone.get(..1)? {
        "+" => Some(seconds),
        "-" => Some(-seconds),
        _ => None,
    }
}

/// A number of at most nine digits, and nothing but digits.
#[must_use]
pub fn number(digits: &str) -> Option<i64> {
    let plain = !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// The days from 1970-01-01 to a date of the proleptic Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that start in March have their leap day at the end.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// The date so many days after 1970-01-01.
fn date(days: i64) -> (i64, i64, i64) {
    // Counted from March of the year 0 on, in spans of 400 years, which all have as many days.
    let days = days + 719_468;
    let (span, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    (span * 400 + year + i64::from(month <= 2), month, day)
}
