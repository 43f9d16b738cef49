//! Basic authentication with bcrypt, whose cost no client can drive up.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hyper::header::HeaderValue;
use ring::digest;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

use crate::settings::Secret;

/// How many requests may wait for bcrypt, which runs once at a time. More are refused, so that a flood
/// of wrong passwords costs memory for these and processor time for one.
const MAX_WAITING: usize = 16;
/// How many verdicts are cached.
const CACHED: usize = 256;

/// The users and their password hashes.
#[derive(Debug, Default)]
pub(super) struct Users {
    hashes: BTreeMap<String, Secret>,
    /// Compared with for an unknown user, so that the response time does not reveal whether a name
    /// exists.
    unknown_user: Option<Secret>,
}

impl Users {
    pub(super) fn new(hashes: BTreeMap<String, Secret>) -> Self {
        let cost =
            |hash: &Secret| hash.expose().parse().ok().map(|it: bcrypt::HashParts| it.get_cost());
        let unknown_user = hashes.values().filter_map(cost).max().map(|cost| {
            // The salt and digest are arbitrary: nothing hashes to all dots.
            Secret::new(format!("$2b${cost:02}${}", ".".repeat(53)))
        });
        Self { hashes, unknown_user }
    }
}

/// The outcome of authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The request is authorized.
    Pass,
    /// It has no credentials, or wrong ones.
    Refused,
    /// Too many passwords are being checked.
    Busy,
}

/// Checks credentials and caches the verdicts.
#[derive(Debug)]
pub(super) struct Authenticator {
    /// By a digest of user, stored hash and password, so that a changed hash is checked again.
    verdicts: Mutex<HashMap<[u8; 32], bool>>,
    queue: Arc<Semaphore>,
    bcrypt: Arc<Semaphore>,
}

impl Default for Authenticator {
    fn default() -> Self {
        Self {
            verdicts: Mutex::default(),
            queue: Arc::new(Semaphore::new(MAX_WAITING)),
            bcrypt: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Authenticator {
    /// Checks the value of a request's `Authorization`. Without users every request passes.
    pub(super) async fn check(&self, users: &Users, header: Option<&HeaderValue>) -> Verdict {
        let Some(unknown_user) = &users.unknown_user else { return Verdict::Pass };
        let Some((user, password)) = header.and_then(credentials) else { return Verdict::Refused };
        let known = users.hashes.get(&user);
        let hash = known.unwrap_or(unknown_user).clone();
        let key = key(&user, &hash, &password);
        if let Some(verdict) = self.cached(&key) {
            return verdict;
        }
        let Ok(_permit) = Arc::clone(&self.queue).try_acquire_owned() else { return Verdict::Busy };
        let Ok(permit) = Arc::clone(&self.bcrypt).acquire_owned().await else {
            return Verdict::Busy;
        };
        // The request before may have had the same credentials.
        if let Some(verdict) = self.cached(&key) {
            return verdict;
        }
        let right = verify(password, hash, permit).await && known.is_some();
        self.cache(key, right);
        if right { Verdict::Pass } else { Verdict::Refused }
    }

    fn cached(&self, key: &[u8; 32]) -> Option<Verdict> {
        let right = *self.verdicts().get(key)?;
        Some(if right { Verdict::Pass } else { Verdict::Refused })
    }

    fn cache(&self, key: [u8; 32], right: bool) {
        let mut verdicts = self.verdicts();
        if verdicts.len() >= CACHED {
            // Wrong guesses must not evict valid credentials.
            verdicts.retain(|_, right| *right);
        }
        if verdicts.len() >= CACHED {
            verdicts.clear();
        }
        verdicts.insert(key, right);
    }

    fn verdicts(&self) -> MutexGuard<'_, HashMap<[u8; 32], bool>> {
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// User and password of `Authorization: Basic …`.
fn credentials(header: &HeaderValue) -> Option<(String, Vec<u8>)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
    let colon = decoded.iter().position(|it| *it == b':')?;
    let user = String::from_utf8(decoded[..colon].to_vec()).ok()?;
    Some((user, decoded[colon + 1..].to_vec()))
}

fn key(user: &str, hash: &Secret, password: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in [user.as_bytes(), hash.expose().as_bytes(), password] {
        // The length separates the fields: "ab", "c" is not "a", "bc".
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}

/// Runs bcrypt on a blocking thread. The permit is held until the computation ends, not the request:
/// otherwise clients that hang up could start many at the same time.
async fn verify(password: Vec<u8>, hash: Secret, permit: OwnedSemaphorePermit) -> bool {
    let right = spawn_blocking(move || {
        let right = bcrypt::verify(&password, hash.expose());
        drop(permit);
        right
    });
    matches!(right.await, Ok(Ok(true)))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn users(hashes: &[(&str, String)]) -> Users {
        let secret =
            |(user, hash): &(&str, String)| ((*user).to_owned(), Secret::new(hash.clone()));
        Users::new(hashes.iter().map(secret).collect())
    }

    fn basic(user: &str, password: &str) -> HeaderValue {
        let encoded = BASE64_STANDARD.encode(format!("{user}:{password}"));
        HeaderValue::from_str(&format!("Basic {encoded}")).unwrap()
    }

    async fn check(authenticator: &Authenticator, users: &Users, header: &HeaderValue) -> Verdict {
        authenticator.check(users, Some(header)).await
    }

    #[tokio::test]
    async fn only_the_right_password_passes() {
        let authenticator = Authenticator::default();
        assert_eq!(
            authenticator.check(&Users::default(), None).await,
            Verdict::Pass,
            "no users, no lock"
        );

        let users = users(&[("alice", bcrypt::hash("open: sesame", 4).unwrap())]);
        assert_eq!(authenticator.check(&users, None).await, Verdict::Refused);
        for _ in 0..2 {
            assert_eq!(
                check(&authenticator, &users, &basic("alice", "open: sesame")).await,
                Verdict::Pass
            );
            assert_eq!(
                check(&authenticator, &users, &basic("alice", "wrong")).await,
                Verdict::Refused
            );
            assert_eq!(
                check(&authenticator, &users, &basic("bob", "open: sesame")).await,
                Verdict::Refused
            );
        }
        for garbage in ["", "Basic", "Basic ", "Basic !", "Bearer YTpi", "Basic YQ==", "Basic /zpi"]
        {
            let header = HeaderValue::from_str(garbage).unwrap();
            assert_eq!(
                check(&authenticator, &users, &header).await,
                Verdict::Refused,
                "{garbage:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_verdict_is_cached_until_the_hash_changes() {
        let authenticator = Authenticator::default();
        let before = users(&[("alice", bcrypt::hash("old", 10).unwrap())]);
        assert_eq!(check(&authenticator, &before, &basic("alice", "old")).await, Verdict::Pass);
        let start = Instant::now();
        for _ in 0..100 {
            assert_eq!(check(&authenticator, &before, &basic("alice", "old")).await, Verdict::Pass);
        }
        assert!(start.elapsed() < Duration::from_millis(500), "100 cost 10 hashes take seconds");

        let after = users(&[("alice", bcrypt::hash("new", 4).unwrap())]);
        assert_eq!(check(&authenticator, &after, &basic("alice", "old")).await, Verdict::Refused);
    }

    #[tokio::test]
    async fn wrong_guesses_do_not_evict_valid_credentials() {
        let authenticator = Authenticator::default();
        let users = users(&[("alice", bcrypt::hash("right", 4).unwrap())]);
        assert_eq!(check(&authenticator, &users, &basic("alice", "right")).await, Verdict::Pass);
        for guess in 0..CACHED + 10 {
            check(&authenticator, &users, &basic("alice", &guess.to_string())).await;
        }
        assert!(authenticator.verdicts().len() <= CACHED);
        assert_eq!(authenticator.verdicts().values().filter(|it| **it).count(), 1);
    }

    #[tokio::test]
    async fn a_flood_of_guesses_is_refused_and_valid_credentials_still_pass() {
        let authenticator = Arc::new(Authenticator::default());
        let users = Arc::new(users(&[("alice", bcrypt::hash("right", 8).unwrap())]));
        assert_eq!(check(&authenticator, &users, &basic("alice", "right")).await, Verdict::Pass);
        let guesses = (0..MAX_WAITING * 2).map(|guess| {
            let (authenticator, users) = (Arc::clone(&authenticator), Arc::clone(&users));
            tokio::spawn(async move {
                check(&authenticator, &users, &basic("alice", &guess.to_string())).await
            })
        });
        let guesses: Vec<_> = guesses.collect();
        tokio::task::yield_now().await;
        assert_eq!(check(&authenticator, &users, &basic("alice", "right")).await, Verdict::Pass);
        let mut refused = 0;
        for guess in guesses {
            let verdict = guess.await.unwrap();
            assert_ne!(verdict, Verdict::Pass);
            refused += usize::from(verdict == Verdict::Busy);
        }
        assert_eq!(refused, MAX_WAITING);
    }

    #[tokio::test]
    async fn an_unknown_user_costs_as_much_as_a_known_one() {
        let users = users(&[
            ("cheap", bcrypt::hash("a", 4).unwrap()),
            ("dear", bcrypt::hash("a", 9).unwrap()),
        ]);
        let unknown_user =
            users.unknown_user.as_ref().unwrap().expose().parse::<bcrypt::HashParts>().unwrap();
        assert_eq!(unknown_user.get_cost(), 9);
        assert!(!bcrypt::verify("", users.unknown_user.as_ref().unwrap().expose()).unwrap());
    }
}
