//! Basic authentication with bcrypt, at a cost that a stranger cannot drive up.

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

/// How many requests may wait for the one bcrypt at a time. More are turned away, so that a flood
/// of wrong passwords costs memory for these and processor time for one.
const WAITING: usize = 16;
/// How many verdicts are remembered.
const REMEMBERED: usize = 256;

/// Who may come in.
#[derive(Debug, Default)]
pub(super) struct Users {
    hashes: BTreeMap<String, Secret>,
    /// Compared with when the user is unknown, so that the time taken does not tell whether a
    /// name exists.
    nobody: Option<Secret>,
}

impl Users {
    pub(super) fn new(hashes: BTreeMap<String, Secret>) -> Self {
        let cost =
            |hash: &Secret| hash.expose().parse().ok().map(|it: bcrypt::HashParts| it.get_cost());
        let nobody = hashes.values().filter_map(cost).max().map(|cost| {
            // The salt and digest are arbitrary: nothing hashes to all dots.
            Secret::new(format!("$2b${cost:02}${}", ".".repeat(53)))
        });
        Self { hashes, nobody }
    }
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may come in.
    Pass,
    /// It shows no credentials, or wrong ones.
    Refused,
    /// Too many are being checked.
    Busy,
}

/// Checks credentials and remembers the verdicts.
#[derive(Debug)]
pub(super) struct Gate {
    /// By user, stored hash and password together, so a changed hash is checked anew.
    verdicts: Mutex<HashMap<[u8; 32], bool>>,
    queue: Arc<Semaphore>,
    bcrypt: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            verdicts: Mutex::default(),
            queue: Arc::new(Semaphore::new(WAITING)),
            bcrypt: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Gate {
    /// Decides on the value of a request's `Authorization`. Without users everybody may come in.
    pub(super) async fn check(&self, users: &Users, shown: Option<&HeaderValue>) -> Verdict {
        let Some(nobody) = &users.nobody else { return Verdict::Pass };
        let Some((user, password)) = shown.and_then(credentials) else { return Verdict::Refused };
        let known = users.hashes.get(&user);
        let hash = known.unwrap_or(nobody).clone();
        let key = key(&user, &hash, &password);
        if let Some(verdict) = self.remembered(&key) {
            return verdict;
        }
        let Ok(_place) = Arc::clone(&self.queue).try_acquire_owned() else { return Verdict::Busy };
        let Ok(turn) = Arc::clone(&self.bcrypt).acquire_owned().await else { return Verdict::Busy };
        // The one before may have asked the same.
        if let Some(verdict) = self.remembered(&key) {
            return verdict;
        }
        let right = verify(password, hash, turn).await && known.is_some();
        self.remember(key, right);
        if right { Verdict::Pass } else { Verdict::Refused }
    }

    fn remembered(&self, key: &[u8; 32]) -> Option<Verdict> {
        let right = *self.verdicts().get(key)?;
        Some(if right { Verdict::Pass } else { Verdict::Refused })
    }

    fn remember(&self, key: [u8; 32], right: bool) {
        let mut verdicts = self.verdicts();
        if verdicts.len() >= REMEMBERED {
            // Guesses must not push out those who may come in.
            verdicts.retain(|_, right| *right);
        }
        if verdicts.len() >= REMEMBERED {
            verdicts.clear();
        }
        verdicts.insert(key, right);
    }

    fn verdicts(&self) -> MutexGuard<'_, HashMap<[u8; 32], bool>> {
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// User and password of `Authorization: Basic …`.
fn credentials(shown: &HeaderValue) -> Option<(String, Vec<u8>)> {
    let (scheme, encoded) = shown.to_str().ok()?.split_once(' ')?;
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
        // The length parts the fields: "ab", "c" is not "a", "bc".
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}

/// Runs bcrypt beside the runtime's only thread. The turn ends with the computation, not with the
/// request, or callers that hang up would start one after the other.
async fn verify(password: Vec<u8>, hash: Secret, turn: OwnedSemaphorePermit) -> bool {
    let right = spawn_blocking(move || {
        let right = bcrypt::verify(&password, hash.expose());
        drop(turn);
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

    async fn check(gate: &Gate, users: &Users, shown: &HeaderValue) -> Verdict {
        gate.check(users, Some(shown)).await
    }

    #[tokio::test]
    async fn only_the_right_password_passes() {
        let gate = Gate::default();
        assert_eq!(gate.check(&Users::default(), None).await, Verdict::Pass, "no users, no lock");

        let users = users(&[("alice", bcrypt::hash("open: sesame", 4).unwrap())]);
        assert_eq!(gate.check(&users, None).await, Verdict::Refused);
        for _ in 0..2 {
            assert_eq!(check(&gate, &users, &basic("alice", "open: sesame")).await, Verdict::Pass);
            assert_eq!(check(&gate, &users, &basic("alice", "wrong")).await, Verdict::Refused);
            assert_eq!(check(&gate, &users, &basic("bob", "open: sesame")).await, Verdict::Refused);
        }
        for garbage in ["", "Basic", "Basic ", "Basic !", "Bearer YTpi", "Basic YQ==", "Basic /zpi"]
        {
            let shown = HeaderValue::from_str(garbage).unwrap();
            assert_eq!(check(&gate, &users, &shown).await, Verdict::Refused, "{garbage:?}");
        }
    }

    #[tokio::test]
    async fn a_verdict_is_remembered_until_the_hash_changes() {
        let gate = Gate::default();
        let before = users(&[("alice", bcrypt::hash("old", 10).unwrap())]);
        assert_eq!(check(&gate, &before, &basic("alice", "old")).await, Verdict::Pass);
        let start = Instant::now();
        for _ in 0..100 {
            assert_eq!(check(&gate, &before, &basic("alice", "old")).await, Verdict::Pass);
        }
        assert!(start.elapsed() < Duration::from_millis(500), "100 cost 10 hashes take seconds");

        let after = users(&[("alice", bcrypt::hash("new", 4).unwrap())]);
        assert_eq!(check(&gate, &after, &basic("alice", "old")).await, Verdict::Refused);
    }

    #[tokio::test]
    async fn guesses_do_not_push_out_who_may_come_in() {
        let gate = Gate::default();
        let users = users(&[("alice", bcrypt::hash("right", 4).unwrap())]);
        assert_eq!(check(&gate, &users, &basic("alice", "right")).await, Verdict::Pass);
        for guess in 0..REMEMBERED + 10 {
            check(&gate, &users, &basic("alice", &guess.to_string())).await;
        }
        assert!(gate.verdicts().len() <= REMEMBERED);
        assert_eq!(gate.verdicts().values().filter(|it| **it).count(), 1);
    }

    #[tokio::test]
    async fn a_flood_of_guesses_is_turned_away_and_known_ones_still_pass() {
        let gate = Arc::new(Gate::default());
        let users = Arc::new(users(&[("alice", bcrypt::hash("right", 8).unwrap())]));
        assert_eq!(check(&gate, &users, &basic("alice", "right")).await, Verdict::Pass);
        let guesses = (0..WAITING * 2).map(|guess| {
            let (gate, users) = (Arc::clone(&gate), Arc::clone(&users));
            tokio::spawn(
                async move { check(&gate, &users, &basic("alice", &guess.to_string())).await },
            )
        });
        let guesses: Vec<_> = guesses.collect();
        tokio::task::yield_now().await;
        assert_eq!(check(&gate, &users, &basic("alice", "right")).await, Verdict::Pass);
        let mut turned_away = 0;
        for guess in guesses {
            let verdict = guess.await.unwrap();
            assert_ne!(verdict, Verdict::Pass);
            turned_away += usize::from(verdict == Verdict::Busy);
        }
        assert_eq!(turned_away, WAITING);
    }

    #[tokio::test]
    async fn an_unknown_user_costs_as_much_as_a_known_one() {
        let users = users(&[
            ("cheap", bcrypt::hash("a", 4).unwrap()),
            ("dear", bcrypt::hash("a", 9).unwrap()),
        ]);
        let nobody = users.nobody.as_ref().unwrap().expose().parse::<bcrypt::HashParts>().unwrap();
        assert_eq!(nobody.get_cost(), 9);
        assert!(!bcrypt::verify("", users.nobody.as_ref().unwrap().expose()).unwrap());
    }
}
