//! P17 to P19: a server that starts and then has nothing to do.

use crate::{
    engine::Stage,
    run::Wanted,
    server::Server,
    table::{Figure, Goal, Unit},
};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// How often it is started: the middle one counts.
const STARTS: usize = 5;

/// Starts the server and takes the figures of a start and of rest.
///
/// # Errors
/// A server that does not start.
pub async fn start(
    stage: &Stage,
    program: &Path,
    wanted: &Wanted,
    figures: &mut Vec<Figure>,
) -> Result<Server, String> {
    let mut server = Server::start(program, stage).await?;
    if wanted.any(&["P17"]) {
        let mut times = vec![server.started_in];
        for _ in 1..STARTS {
            server.stop();
            server = Server::start(program, stage).await?;
            times.push(server.started_in);
        }
        times.sort_unstable();
        let middle = i64::try_from(times[STARTS / 2].as_nanos()).unwrap_or(i64::MAX);
        let what = "first answer after the start, migrations checked";
        figures.push(Figure::new("P17", what, Unit::Time, middle, Goal::of(200_000_000, 40_000_000)));
    }
    if wanted.any(&["P18", "P19"]) {
        // The first seconds belong to the start.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let kib = i64::try_from(server.memory_kib()).unwrap_or(i64::MAX);
        figures.push(Figure::new("P18", "memory at rest (PSS)", Unit::Kib, kib, Goal::of(40 * 1_024, 15 * 1_024)));
        let (before, begun) = (server.cpu_exact(), Instant::now());
        tokio::time::sleep(wanted.time * 3).await;
        let spent = (server.cpu_exact() - before).ns;
        let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let share = i64::try_from(spent * 1_000 / ms).unwrap_or(i64::MAX);
        figures.push(Figure::new("P19", "processor at rest", Unit::Share, share, Goal::of(2_000_000, 500_000)));
    }
    Ok(server)
}
