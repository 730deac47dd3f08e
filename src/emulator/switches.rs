//! The switches: what Microsoft's pages leave open, one switch a question, with the answer that is likeliest first.

use std::time::Duration;

/// What a refused precondition (no `processing` task) answers with.
const PRECONDITION: &[u16] = &[400, 403, 409];

/// How the emulated cloud behaves where its pages are silent.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(super) struct Switches {
    /// The state that a task is born in: `processing` or `pending`.
    pub(super) task_born: &'static str,
    /// The status of a call whose precondition does not hold: 400, 403 or 409.
    pub(super) refused_precondition: u16,
    /// The state of the job that was redirected away: `completed`, `paused` or `aborted`.
    pub(super) redirected_source: &'static str,
    /// The state of a task whose job was aborted or canceled: `processing` or `aborted`.
    pub(super) task_after_end: &'static str,
    /// What a task that is reported `aborted` does to its job: `resumes` or `aborts`.
    pub(super) aborted_task: &'static str,
    /// The status of an updated definition: 200 or 204.
    pub(super) definition_update: u16,
    /// How long ended tasks and jobs are shown.
    pub(super) keep_ended: Duration,
    /// How long a job may wait for its task before it is deleted.
    pub(super) keep_waiting: Duration,
    /// How long the address of a document is good.
    pub(super) download_life: Duration,
    /// The most items of a page of a list.
    pub(super) page_size: usize,
    /// Whether documents have names.
    pub(super) titles: bool,
    /// Whether tasks are filtered by state.
    pub(super) task_filter: bool,
    /// Whether a printer's trigger is listed.
    pub(super) trigger_list: bool,
    /// How long a token lasts.
    pub(super) token_life: Duration,
    /// How long a device's code is good.
    pub(super) code_life: Duration,
    /// Whether the application's secret is good, or `expired`.
    pub(super) secret: &'static str,
    /// Whether the application may sign people in without a secret.
    pub(super) public_client: bool,
    /// Whether a policy blocks sign-in by device code.
    pub(super) device_code: bool,
    /// Whether a policy blocks sign-in in a browser.
    pub(super) browser: bool,
    /// By how much the cloud's clock is ahead of this machine's.
    pub(super) clock_ahead: i64,
    /// How a job ends that was redirected to a cloud printer: `completed`, `aborted`, or `never`.
    pub(super) destination_ends: &'static str,
    /// How long the registration of a printer takes.
    pub(super) registration_time: Duration,
    /// How many lists of jobs are answered in a second; the rest get 429.
    pub(super) lists_per_second: u32,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            task_born: "processing",
            refused_precondition: PRECONDITION[0],
            redirected_source: "completed",
            task_after_end: "processing",
            aborted_task: "resumes",
            definition_update: 200,
            keep_ended: Duration::from_hours(240),
            keep_waiting: Duration::from_hours(240),
            download_life: Duration::from_mins(10),
            page_size: 50,
            titles: true,
            task_filter: true,
            trigger_list: true,
            token_life: Duration::from_secs(3_599),
            code_life: Duration::from_mins(15),
            secret: "good",
            public_client: true,
            device_code: true,
            browser: true,
            clock_ahead: 0,
            destination_ends: "completed",
            registration_time: Duration::from_millis(500),
            lists_per_second: u32::MAX,
        }
    }
}

/// One of these words.
fn word(value: &str, words: &[&'static str]) -> Option<&'static str> {
    words.iter().find(|word| **word == value).copied()
}

fn flag(value: &str) -> Option<bool> {
    word(value, &["yes", "no"]).map(|word| word == "yes")
}

fn seconds(value: &str) -> Option<Duration> {
    value.parse().ok().map(Duration::from_secs)
}

impl Switches {
    /// Turns a switch, both by their words; nothing if there is no such switch or position.
    pub(super) fn turn(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "task-born" => self.task_born = word(value, &["processing", "pending"])?,
            "refused-precondition" => {
                self.refused_precondition =
                    value.parse().ok().filter(|status| PRECONDITION.contains(status))?;
            }
            "redirected-source" => {
                self.redirected_source = word(value, &["completed", "paused", "aborted"])?;
            }
            "task-after-end" => self.task_after_end = word(value, &["processing", "aborted"])?,
            "aborted-task" => self.aborted_task = word(value, &["resumes", "aborts"])?,
            "definition-update" => {
                self.definition_update =
                    value.parse().ok().filter(|status| [200, 204].contains(status))?;
            }
            "keep-ended" => self.keep_ended = seconds(value)?,
            "keep-waiting" => self.keep_waiting = seconds(value)?,
            "download-life" => self.download_life = seconds(value)?,
            "page-size" => self.page_size = value.parse().ok().filter(|size| *size > 0)?,
            "titles" => self.titles = flag(value)?,
            "task-filter" => self.task_filter = flag(value)?,
            "trigger-list" => self.trigger_list = flag(value)?,
            "token-life" => self.token_life = seconds(value)?,
            "code-life" => self.code_life = seconds(value)?,
            "secret" => self.secret = word(value, &["good", "expired"])?,
            "public-client" => self.public_client = flag(value)?,
            "device-code" => self.device_code = flag(value)?,
            "browser" => self.browser = flag(value)?,
            "clock-ahead" => self.clock_ahead = value.parse().ok()?,
            "destination-ends" => {
                self.destination_ends = word(value, &["completed", "aborted", "never"])?;
            }
            "lists-per-second" => self.lists_per_second = value.parse().ok()?,
            "registration-time" => self.registration_time = seconds(value)?,
            _ => return None,
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_turns_to_its_positions_alone() {
        let mut switches = Switches::default();
        assert_eq!(switches.turn("refused-precondition", "409"), Some(()));
        assert_eq!(switches.refused_precondition, 409);
        for (name, value) in [
            ("refused-precondition", "500"),
            ("task-born", "dead"),
            ("page-size", "0"),
            ("titles", "maybe"),
            ("nothing", "yes"),
        ] {
            assert_eq!(switches.turn(name, value), None, "{name}={value}");
        }
    }
}
