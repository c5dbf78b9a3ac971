//! Measures of libraries for Rust, and of what Rust comes with:
//!
//!     rust-peers LIBRARY MEASURE URL CA_FILE COUNT
mod oauth2_peer;
mod openidconnect_peer;
mod standard;

use std::cell::Cell;
use std::error::Error;
use std::future::Future;

/// What a client of the benchmarks' server is.
pub const CLIENT_ID: &str = "bench-client";
pub const CLIENT_SECRET: &str = "a-secret-that-the-server-does-not-check";
pub const REDIRECT_URI: &str = "https://app.example/callback";
pub const SCOPES: [&str; 2] = ["profile", "email"];

pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// What the command line asks for.
pub struct Job {
    pub issuer: String,
    pub authorities: String,
    pub count: usize,
}

impl Job {
    /// One client for everything, which trusts the server and nothing else.
    pub fn http_client(&self) -> Outcome<oauth2::reqwest::Client> {
        let authority = oauth2::reqwest::Certificate::from_pem(&std::fs::read(&self.authorities)?)?;
        Ok(oauth2::reqwest::Client::builder()
            .redirect(oauth2::reqwest::redirect::Policy::none())
            .tls_built_in_root_certs(false)
            .add_root_certificate(authority)
            .build()?)
    }

    fn warm_up(&self) -> usize {
        self.count.div_ceil(4)
    }

    /// Microseconds of one operation.
    pub fn cost(&self, mut operation: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
        for _ in 0..self.warm_up() {
            operation()?;
        }
        let used = processor_microseconds();
        for _ in 0..self.count {
            operation()?;
        }
        Ok((processor_microseconds() - used) / self.count as f64)
    }

    /// Microseconds of one operation while so many are in flight.
    pub async fn cost_in_flight<F: Future<Output = Outcome<()>>>(
        &self,
        in_flight: usize,
        operation: impl Fn() -> F,
    ) -> Outcome<f64> {
        let repeat = async |count: usize| {
            let left = Cell::new(count);
            let flows = (0..in_flight).map(|_| async {
                while left.get() > 0 {
                    left.set(left.get() - 1);
                    operation().await?;
                }
                Outcome::Ok(())
            });
            futures_util::future::try_join_all(flows).await
        };
        repeat(self.warm_up()).await?;
        let used = processor_microseconds();
        repeat(self.count).await?;
        Ok((processor_microseconds() - used) / self.count as f64)
    }
}

/// The processors' time, of all threads.
pub fn processor_microseconds() -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    let microseconds = |time: libc::timeval| time.tv_sec as f64 * 1e6 + time.tv_usec as f64;
    microseconds(usage.ru_utime) + microseconds(usage.ru_stime)
}

/// The value and its unit, or nothing if there is no such measure of it.
async fn measure(library: &str, name: &str, job: &Job) -> Outcome<Option<(f64, &'static str)>> {
    match library {
        "rust" => standard::measure(name, job),
        "rust-oauth2" => oauth2_peer::measure(name, job).await,
        "rust-openidconnect" => openidconnect_peer::measure(name, job).await,
        _ => Err("no such library".into()),
    }
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, library, name, issuer, authorities, count] = arguments.as_slice() else {
        return Err("usage: rust-peers LIBRARY MEASURE URL CA_FILE COUNT".into());
    };
    let job = Job { issuer: issuer.clone(), authorities: authorities.clone(), count: count.parse()? };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(measure(library, name, &job))? {
        Some((value, unit)) => println!("{{\"value\": {value}, \"unit\": \"{unit}\"}}"),
        None => {
            eprintln!("no {name} here");
            std::process::exit(77);
        }
    }
    Ok(())
}
