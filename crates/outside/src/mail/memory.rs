//! Mail that stays in memory, for tests: what was sent, and what goes wrong.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{MailError, Message};

/// A mailbox that tests read. Clones share it.
#[derive(Clone, Default)]
pub struct MemoryMailbox(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    sent: Vec<Message>,
    refusals: VecDeque<MailError>,
}

impl MemoryMailbox {
    /// Everything sent so far, oldest first.
    pub fn sent(&self) -> Vec<Message> {
        self.state().sent.clone()
    }

    /// Takes everything sent so far out of the mailbox.
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.state().sent)
    }

    /// Lets the next message fail like this; called twice, the next two.
    pub fn refuse_next(&self, error: MailError) {
        self.state().refusals.push_back(error);
    }

    pub(super) fn receive(&self, message: &Message) -> Result<(), MailError> {
        let mut state = self.state();
        if let Some(error) = state.refusals.pop_front() {
            return Err(error);
        }
        state.sent.push(message.clone());
        Ok(())
    }

    /// A list is whole after every step, so another test's panic spoils nothing.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
