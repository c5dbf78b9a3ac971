//! What users of these libraries have to do themselves, with what Rust comes with.
use crate::{processor_microseconds, Job, Outcome};
use oauth2::CsrfToken;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

struct PendingLogin {
    nonce: String,
    verifier: String,
    binding: String,
    expires: Instant,
}

/// A map from state to what has to be remembered.
#[derive(Default)]
struct PendingLogins(Mutex<HashMap<String, PendingLogin>>);

impl PendingLogins {
    fn put(&self, state: String, login: PendingLogin) {
        self.0.lock().expect("not poisoned").insert(state, login);
    }

    fn take(&self, state: &str) -> Option<PendingLogin> {
        let login = self.0.lock().expect("not poisoned").remove(state)?;
        (login.expires > Instant::now()).then_some(login)
    }
}

fn random() -> String {
    CsrfToken::new_random_len(32).into_secret()
}

fn new_login() -> PendingLogin {
    PendingLogin {
        nonce: random(),
        verifier: random(),
        binding: random(),
        expires: Instant::now() + Duration::from_secs(600),
    }
}

/// With so many pending sign-ins: any one is taken, and a new one put.
fn take_and_put(job: &Job) -> Outcome<f64> {
    let pending = PendingLogins::default();
    // Keyed with random numbers anew for each map: the order of one has nothing to do with that of another.
    let mut states = HashSet::new();
    for _ in 0..job.count {
        let state = random();
        states.insert(state.clone());
        pending.put(state, new_login());
    }
    let changes: Vec<_> = states.into_iter().take(200_000).map(|state| (state, random(), new_login())).collect();
    let operations = changes.len() as f64;
    let used = processor_microseconds();
    for (state, new_state, login) in changes {
        let taken = pending.take(&state).ok_or("lost")?;
        std::hint::black_box((&taken.nonce, &taken.verifier, &taken.binding));
        pending.put(new_state, login);
    }
    Ok((processor_microseconds() - used) * 1000.0 / operations)
}

fn bytes_of_entry(job: &Job) -> Outcome<f64> {
    // What the allocator gave out, and what of it is mapped alone.
    let used = || {
        let info = unsafe { libc::mallinfo2() };
        (info.uordblks + info.hblkhd) as f64
    };
    let pending = PendingLogins::default();
    let before = used();
    for _ in 0..job.count {
        pending.put(random(), new_login());
    }
    Ok((used() - before) / job.count as f64)
}

pub fn measure(name: &str, job: &Job) -> Outcome<Option<(f64, &'static str)>> {
    Ok(match name {
        "pending_put_take_1m" => Some((take_and_put(job)?, "ns")),
        "pending_bytes_per_entry" => Some((bytes_of_entry(job)?, "bytes")),
        _ => None,
    })
}
