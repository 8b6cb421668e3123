//! Random histories of sign-ins, rotations and endings, played against the real code and
//! judged by a model that knows only the promises: a dead session is never served, a live
//! one always, and each as the right person.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use futures_util::FutureExt as _;
use http::Request;
use http::header::{ACCEPT, COOKIE};
use proptest::prelude::*;
use uuid::Uuid;

use crate::current::{Current, Outgoing};
use crate::guard::{Guard, GuardConfig, SecondFactor, SessionProblem, SignIn};
use crate::keys::SecretKeys;
use crate::memory::MemorySessions;
use crate::proxy::{Client, Scheme};
use crate::session::{Ending, SessionStore as _};
use crate::source::{DAY_US, HOUR_US, MINUTE_US, Random, SECOND_US, Sources};

const START_US: i64 = 1_790_000_000_000_000;
const BROWSERS: usize = 3;
const KEY: &str = "q7Zr-2mKx_9vTLw4HcBn8sYdE1uAoPj5GfXi3RtWzQkVbMyNlCeSa6DhUgFp0JOI";

#[derive(Debug, Clone)]
enum Event {
    SignIn {
        browser: usize,
        user: usize,
    },
    SignOut {
        browser: usize,
    },
    Confirm {
        browser: usize,
    },
    Page {
        browser: usize,
    },
    /// Any cookie that was ever given out, as a thief or a late request would send it.
    Replay {
        which: prop::sample::Index,
    },
    Forge {
        which: prop::sample::Index,
        at: prop::sample::Index,
    },
    EndOthers {
        browser: usize,
    },
    EndAll {
        user: usize,
    },
    EndEveryone,
    ChangeRights {
        user: usize,
    },
    RemoveDead,
    Advance {
        by_us: i64,
    },
}

fn event() -> impl Strategy<Value = Event> {
    let browser = 0..BROWSERS;
    let user = 0..2_usize;
    let spans = [
        1,
        SECOND_US,
        10 * SECOND_US - 1,
        10 * SECOND_US,
        MINUTE_US,
        6 * HOUR_US,
        12 * HOUR_US - MINUTE_US,
        12 * HOUR_US,
        5 * DAY_US,
        14 * DAY_US,
    ];
    prop_oneof![
        3 => (browser.clone(), user.clone()).prop_map(|(browser, user)| Event::SignIn { browser, user }),
        1 => browser.clone().prop_map(|browser| Event::SignOut { browser }),
        2 => browser.clone().prop_map(|browser| Event::Confirm { browser }),
        4 => browser.clone().prop_map(|browser| Event::Page { browser }),
        5 => any::<prop::sample::Index>().prop_map(|which| Event::Replay { which }),
        1 => any::<(prop::sample::Index, prop::sample::Index)>()
            .prop_map(|(which, at)| Event::Forge { which, at }),
        1 => browser.prop_map(|browser| Event::EndOthers { browser }),
        1 => user.clone().prop_map(|user| Event::EndAll { user }),
        1 => Just(Event::EndEveryone),
        1 => user.prop_map(|user| Event::ChangeRights { user }),
        1 => Just(Event::RemoveDead),
        5 => prop::sample::select(spans.to_vec()).prop_map(|by_us| Event::Advance { by_us }),
    ]
}

/// What the model knows of a cookie that was given out.
#[derive(Debug, Clone)]
struct Issued {
    text: String,
    user: Uuid,
    lineage: Uuid,
    created_at: i64,
    used_at: i64,
    replaced_at: Option<i64>,
    ended: bool,
}

struct CountingRandom(AtomicU64);

impl Random for CountingRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let number = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&number.to_le_bytes()[..chunk.len()]);
        }
    }
}

struct World {
    guard: Guard<MemorySessions>,
    clock: Arc<AtomicI64>,
    issued: Vec<Issued>,
    /// Position in `issued` of the cookie that each browser holds.
    browsers: [Option<usize>; BROWSERS],
}

fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a store in memory answers at once")
}

fn person(number: usize) -> Uuid {
    Uuid::from_u128(number as u128 + 1)
}

impl World {
    fn new(keys: &SecretKeys) -> Self {
        let clock = Arc::new(AtomicI64::new(START_US));
        let reading = Arc::clone(&clock);
        let mut config = GuardConfig::development(keys.clone());
        config.sources = Sources {
            clock: Arc::new(move || reading.load(Ordering::Relaxed)),
            random: Arc::new(CountingRandom(AtomicU64::new(1))),
        };
        let guard = Guard::new(config, Arc::default()).unwrap();
        Self { guard, clock, issued: Vec::new(), browsers: [None; BROWSERS] }
    }

    fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed)
    }

    fn open(&self, cookie: Option<&str>) -> Current {
        let mut request = Request::get("/").header(ACCEPT, "text/html");
        if let Some(text) = cookie {
            request = request.header(COOKIE, format!("sessionid={text}"));
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let client = Client { address: [127, 0, 0, 1].into(), scheme: Scheme::Http, host: None, on_this_machine: true };
        at_once(self.guard.open(&parts, Arc::new(client))).unwrap()
    }

    /// Sends a cookie and compares what came of it with the promises.
    fn send(&mut self, which: usize) -> Current {
        let now = self.now();
        let current = self.open(Some(&self.issued[which].text));
        let cookie = &mut self.issued[which];
        let policy = self.guard.session_policy();
        let served = current.session();
        let must_refuse = cookie.ended
            || now - cookie.created_at >= policy.absolute_us_max
            || now - cookie.used_at >= policy.idle_us_max
            || cookie.replaced_at.is_some_and(|at| now - at >= policy.grace_us);
        // The last use is known to the minute, and not written during the grace.
        let slack = policy.touch_us + policy.grace_us;
        let must_serve = !must_refuse && now - cookie.used_at < policy.idle_us_max - slack;
        assert!(!(must_refuse && served.is_some()), "a dead session was served: {cookie:?} at {now}");
        assert!(!must_serve || served.is_some(), "a live session was refused: {cookie:?} at {now}");
        if let Some(session) = served {
            assert_eq!((session.user_id, session.lineage), (cookie.user, cookie.lineage));
            cookie.used_at = now;
            self.follow(which, &current);
        }
        current
    }

    /// Takes a new cookie over, if the answer brings one; `from` is the one it replaces.
    fn follow(&mut self, from: usize, current: &Current) {
        if let Some(new) = self.take_cookie(current) {
            self.issued[from].replaced_at = Some(self.now());
            let holders = self.browsers.iter_mut().filter(|held| **held == Some(from));
            holders.for_each(|held| *held = Some(new));
        }
    }

    fn take_cookie(&mut self, current: &Current) -> Option<usize> {
        let Outgoing::Session(id) = std::mem::take(&mut current.state().outgoing) else {
            return None;
        };
        let session = current.session().expect("a new cookie is of a session");
        self.issued.push(Issued {
            text: self.guard.core.codec.write_session(id),
            user: session.user_id,
            lineage: session.lineage,
            created_at: session.created_at,
            used_at: self.now(),
            replaced_at: None,
            ended: false,
        });
        Some(self.issued.len() - 1)
    }

    fn end_where(&mut self, goes: impl Fn(&Issued) -> bool) {
        self.issued.iter_mut().filter(|cookie| goes(cookie)).for_each(|cookie| cookie.ended = true);
    }

    fn sign_in(&mut self, browser: usize, user: usize) {
        let former = self.browsers[browser];
        let current = match former {
            Some(which) => self.send(which),
            None => self.open(None),
        };
        let open_before = current.session();
        // A page may just have brought a new id, so that the browser is asked again.
        let former = self.browsers[browser];
        let sign_in =
            SignIn { user_id: person(user), shop_id: None, second_factor: SecondFactor::NotShown, known_device: None };
        at_once(self.guard.sign_in(&current, sign_in)).unwrap();
        let new = self.take_cookie(&current).expect("a sign-in always gives a new id");
        if let (Some(before), Some(former)) = (open_before, former) {
            if before.user_id != person(user) {
                self.end_where(|cookie| cookie.lineage == before.lineage);
            } else if self.issued[new].lineage == before.lineage {
                self.issued[former].replaced_at = Some(self.now());
            }
        }
        self.browsers[browser] = Some(new);
    }

    fn play(&mut self, event: &Event) {
        match event {
            Event::SignIn { browser, user } => self.sign_in(*browser, *user),
            Event::Page { browser } => {
                if let Some(which) = self.browsers[*browser] {
                    self.send(which);
                }
            }
            Event::Replay { which } if !self.issued.is_empty() => {
                self.send(which.index(self.issued.len()));
            }
            Event::Forge { which, at } if !self.issued.is_empty() => {
                let mut forged = self.issued[which.index(self.issued.len())].text.clone();
                let at = at.index(forged.len());
                let other = if &forged[at..=at] == "A" { "Q" } else { "A" };
                forged.replace_range(at..=at, other);
                assert!(self.open(Some(&forged)).session().is_none(), "{forged}");
            }
            Event::Confirm { browser } => self.confirm(*browser),
            Event::SignOut { browser } => {
                let Some(which) = self.browsers[*browser].take() else {
                    return;
                };
                let current = self.send(which);
                let session = current.session();
                at_once(self.guard.sign_out(&current)).unwrap();
                assert!(self.take_cookie(&current).is_none());
                if let Some(session) = session {
                    self.end_where(|cookie| cookie.lineage == session.lineage);
                }
            }
            Event::EndOthers { browser } => {
                let Some(which) = self.browsers[*browser] else {
                    return;
                };
                if let Some(session) = self.send(which).session() {
                    let (user_id, keep) = (session.user_id, session.lineage);
                    self.end(Ending::OthersOf { user_id, keep });
                    self.end_where(|cookie| cookie.user == user_id && cookie.lineage != keep);
                }
            }
            Event::EndAll { user } => {
                let user_id = person(*user);
                self.end(Ending::AllOf { user_id });
                self.end_where(|cookie| cookie.user == user_id);
            }
            Event::EndEveryone => {
                self.end(Ending::Everyone);
                self.end_where(|_| true);
            }
            Event::ChangeRights { user } => {
                at_once(self.guard.store().require_rotation(person(*user))).unwrap();
            }
            Event::RemoveDead => {
                let policy = self.guard.session_policy();
                at_once(self.guard.store().remove_dead(self.now(), policy, 100)).unwrap();
            }
            Event::Advance { by_us } => {
                self.clock.fetch_add(*by_us, Ordering::Relaxed);
            }
            Event::Replay { .. } | Event::Forge { .. } => {}
        }
    }

    fn end(&self, ending: Ending) {
        at_once(self.guard.store().end(ending)).unwrap();
    }

    fn confirm(&mut self, browser: usize) {
        let Some(which) = self.browsers[browser] else {
            return;
        };
        let current = self.send(which);
        let which = self.browsers[browser].unwrap();
        match at_once(self.guard.confirm(&current, SecondFactor::Shown)) {
            Ok(session) => {
                assert_eq!(session.confirmed_at, self.now());
                self.follow(which, &current);
            }
            Err(SessionProblem::NotSignedIn) => assert!(current.session().is_none()),
            Err(SessionProblem::Superseded) => {
                assert!(self.issued[which].replaced_at.is_some());
            }
            Err(SessionProblem::Store(problem)) => panic!("{problem}"),
        }
    }
}

/// Ten thousand take some seconds; the evidence run asks for the hundred thousand of the
/// specification, or more, with `GUARD_HISTORIES`.
fn histories() -> u32 {
    std::env::var("GUARD_HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000)
}

#[test]
fn s031_no_history_of_events_revives_a_dead_session_or_loses_a_live_one() {
    let keys = SecretKeys::new::<&str>(KEY, &[]).unwrap();
    let config = ProptestConfig { cases: histories(), failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(events in prop::collection::vec(event(), 1..16))| {
        let mut world = World::new(&keys);
        for event in &events {
            world.play(event);
        }
        // At the end every cookie ever given out is tried once more.
        for which in 0..world.issued.len() {
            world.send(which);
        }
    });
}
