//! Whose a printer's trigger is: pure, from what the cloud lists.

use crate::{
    graph::{GraphError, TriggerFacts},
    model::TaskDefinitionId,
};

/// What a printer's trigger is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// Our definition.
    Here,
    /// Another one, by its name.
    Elsewhere(String),
    /// A definition that is gone; the trigger's id.
    Dead(String),
    /// The cloud does not show to which one.
    Somewhere,
    /// Nothing is listed.
    Not,
}

/// A trigger whose definition is not shown is dead only where we know that the one of the configuration is gone.
pub(super) fn judge(all: &[TriggerFacts], ours: &TaskDefinitionId, lost: bool) -> Bound {
    let Some(trigger) = all.first() else { return Bound::Not };
    match &trigger.definition {
        Some((id, _)) if id == ours.as_str() => Bound::Here,
        Some((id, name)) => {
            Bound::Elsewhere(if name.is_empty() { id.clone() } else { format!("\"{name}\"") })
        }
        None if lost => Bound::Dead(trigger.id.clone()),
        None => Bound::Somewhere,
    }
}

/// The cloud's way to say that a printer has a trigger, also where it lists none.
pub(super) fn is_there_already(error: &GraphError) -> bool {
    let GraphError::Status { status: 400, message, .. } = error else { return false };
    message.contains("already created") || message.contains("Multiple task triggers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_is_ours_anothers_dead_or_missing() {
        let ours = TaskDefinitionId::new("d-1");
        let trigger = |definition: Option<(&str, &str)>| {
            let definition = definition.map(|(id, name)| (id.to_owned(), name.to_owned()));
            [TriggerFacts { id: "t".into(), definition }]
        };
        for (triggers, lost, bound) in [
            (vec![], false, Bound::Not),
            (trigger(Some(("d-1", "pullprint"))).to_vec(), false, Bound::Here),
            (trigger(Some(("d-2", "X"))).to_vec(), false, Bound::Elsewhere("\"X\"".into())),
            (trigger(Some(("d-2", ""))).to_vec(), true, Bound::Elsewhere("d-2".into())),
            (trigger(None).to_vec(), true, Bound::Dead("t".into())),
            (trigger(None).to_vec(), false, Bound::Somewhere),
        ] {
            assert_eq!(judge(&triggers, &ours, lost), bound);
        }
    }
}
