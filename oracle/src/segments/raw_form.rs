//! What is kept of something that was turned away, by what it is.

/// What the raw text of a rejection is, so that nobody has to guess when it is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawForm {
    /// A row of a file: a JSON object, whose fields are the file's columns.
    Row,
    /// A row of `PostHog`'s: a JSON object with the columns of its batch exports.
    PosthogRow,
    /// An event as an adapter read it: id, `at_us`, event, actor, properties; and its artifact and
    /// target where it has them.
    Event,
    /// An event of an SDK of `PostHog`'s, with its id and with how far the client's clock was off.
    Captured,
    /// The names and kinds of what was delivered, or its size: the rest may be about people.
    Shape,
    /// Less than was delivered, or not what was meant: it is damaged, too long, or says something twice.
    Part,
}

impl RawForm {
    const ALL: [Self; 6] =
        [Self::Row, Self::PosthogRow, Self::Event, Self::Captured, Self::Shape, Self::Part];

    /// Its name, as it is stored and printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::PosthogRow => "posthog_row",
            Self::Event => "event",
            Self::Captured => "captured",
            Self::Shape => "shape",
            Self::Part => "part",
        }
    }

    /// The form of a name; `None` when there is none.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }
}
