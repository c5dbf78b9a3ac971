//! What users of these libraries have to do themselves, with what Rust comes with.
use crate::{Job, Outcome};
use oauth2::CsrfToken;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[derive(Clone)]
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

fn put_and_take(job: &Job) -> Outcome<f64> {
    let logins: Vec<_> = (0..job.count).map(|_| (random(), new_login())).collect();
    let pending = PendingLogins::default();
    let began = Instant::now();
    for (state, login) in &logins {
        pending.put(state.clone(), login.clone());
    }
    for (state, login) in &logins {
        let taken = pending.take(state).ok_or("lost")?;
        if (&taken.nonce, &taken.verifier, &taken.binding) != (&login.nonce, &login.verifier, &login.binding) {
            return Err("another login".into());
        }
    }
    Ok(began.elapsed().as_nanos() as f64 / job.count as f64)
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
        "pending_put_take_1m" => Some((put_and_take(job)?, "ns")),
        "pending_bytes_per_entry" => Some((bytes_of_entry(job)?, "bytes")),
        _ => None,
    })
}
