//! A process that is killed while it sells, and files cut where chance wants.
//!
//! The process is this test program itself, started a second time with only
//! [`child_that_sells`] to run. It says each sale after its answer; what it said
//! must be on record, whole, whatever happened next.

use super::{
    books::{self, Books},
    from_environment,
};
use crate::{
    actor::Actor,
    schema,
    testkit::{TestShop, shop::sell},
};
use db::{Db, DbConfig, params, testkit::TestDb};
use domain::{
    ids::{SaleId, ShopId, UserId},
    permission::Role,
};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;

db::statements! {
    /// Copies nothing: only says how much of the log is in the file.
    system COPIED = "test.copied", "PRAGMA wal_checkpoint(NOOP)";
    system SYNCHRONOUS = "test.synchronous", "PRAGMA synchronous";
    system JOURNAL_MODE = "test.journal_mode", "PRAGMA journal_mode";
}

/// Names the folder of the file that the child sells on.
const FOLDER: &str = "INVENTARIO_TEST_CRASH_FOLDER";
const FILE: &str = "test.sqlite3";
/// Sales before the log is copied into the file.
const FLUSHED: usize = 24;
const SELLERS: usize = 8;

fn config(folder: &Path) -> DbConfig {
    DbConfig {
        url: format!("sqlite:///{FILE}"),
        data_dir: folder.to_owned(),
        table_ranks: schema::TABLE_RANKS,
        migrations: schema::MIGRATIONS,
        ..DbConfig::default()
    }
}

/// Says a line of its own: the test program has begun one with the test's name.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}").and_then(|()| out.flush()).expect("the parent listens");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that the other tests here start and kill"]
async fn child_that_sells() {
    let folder = std::env::var_os(FOLDER).expect("the parent names the folder");
    let db = Db::open(&config(Path::new(&folder))).await.expect("the file opens");
    let shop = Arc::new(TestShop::create(db.clone(), 1).await);
    let rice = shop.product(shop.fields("Arroz", 100_000), 1_000_000_000, 50_001).await;
    say(&format!("SHOP {} {}", shop.admin.shop, shop.admin.user));
    let sell_some = async |many: usize| {
        let sellers: Vec<_> = (0..SELLERS)
            .map(|_| {
                let shop = shop.clone();
                tokio::spawn(async move {
                    for _ in 0..many {
                        let id = SaleId(shop.ids.next());
                        let cart = shop.cart(&[(rice, "2"), (rice, "1")], "3570.00");
                        sell(shop.db.clone(), shop.command(id, &cart)).await.expect("it is sold");
                        say(&format!("SOLD {id}"));
                    }
                })
            })
            .collect();
        for seller in sellers {
            seller.await.expect("no seller panics");
        }
    };
    sell_some(FLUSHED / SELLERS).await;
    log_is_copied(&db).await;
    say("FLUSHED");
    sell_some(usize::MAX).await;
}

/// Waits until the idle writer has copied its log into the file, as it does by itself.
async fn log_is_copied(db: &Db) {
    let mut read = db.system("look at the log").await.expect("the database answers");
    for _ in 0..1_000 {
        let mut row = read.one(&COPIED, params![]).await.expect("the log can be looked at");
        let [_busy, log, copied]: [i64; 3] = std::array::from_fn(|_| row.take().expect("a number"));
        if log > 0 && log == copied {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the idle writer leaves its log alone");
}

/// A child at work, and what it has said.
struct Selling {
    child: Child,
    out: BufReader<ChildStdout>,
    admin: Option<Actor>,
    flushed: BTreeSet<Uuid>,
    sold: BTreeSet<Uuid>,
}

impl Selling {
    fn begin(folder: &Path) -> Selling {
        let program = std::env::current_exe().expect("a test program has a file");
        let mut child = Command::new(program)
            .args(["--exact", "tests::truth::crash::child_that_sells", "--ignored", "--nocapture"])
            .env(FOLDER, folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the test program starts a second time");
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        Selling { child, out, admin: None, flushed: BTreeSet::new(), sold: BTreeSet::new() }
    }

    /// Hears one line; `false` at the end. A line that the kill cut short was no answer.
    fn hear(&mut self) -> bool {
        let mut line = String::new();
        if self.out.read_line(&mut line).expect("what the child says is text") == 0 {
            return false;
        }
        let Some(line) = line.strip_suffix('\n') else { return true };
        let id = |text: &str| text.parse::<Uuid>().expect("an id");
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["SHOP", shop, user] => {
                self.admin = Some(Actor { shop: ShopId(id(shop)), user: UserId(id(user)), role: Role::Admin });
            }
            ["SOLD", sale] => {
                self.sold.insert(id(sale));
            }
            ["FLUSHED"] => self.flushed = self.sold.clone(),
            _ => {}
        }
        true
    }

    /// Lets it sell so many after the flush, then kills it at once (SIGKILL).
    fn killed_after(mut self, many: usize) -> (Actor, BTreeSet<Uuid>, BTreeSet<Uuid>) {
        while self.flushed.is_empty() || self.sold.len() < self.flushed.len() + many {
            assert!(self.hear(), "the child ended by itself");
        }
        self.child.kill().expect("the child still runs");
        while self.hear() {}
        let status = self.child.wait().expect("a killed child ends");
        assert!(!status.success() && status.code().is_none(), "it was killed: {status}");
        (self.admin.expect("it said so first"), self.flushed, self.sold)
    }
}

/// A folder with the program's tables and a child that sold there until it was killed.
async fn killed(many: usize) -> (TestDb, tempfile::TempDir, Actor, BTreeSet<Uuid>, BTreeSet<Uuid>) {
    let made = TestDb::sqlite(schema::MIGRATIONS, schema::TABLE_RANKS).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::copy(made.config.data_dir.join(FILE), folder.path().join(FILE)).expect("a copied template");
    let (admin, flushed, sold) = Selling::begin(folder.path()).killed_after(many);
    (made, folder, admin, flushed, sold)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_no_sale_that_it_answered_and_leaves_no_half_sale() {
    for many in [1, 17, 90] {
        let (_made, folder, admin, _, sold) = killed(many).await;
        let db = Db::open(&config(folder.path())).await.expect("the file opens again");
        let books = books::audited(&db, &admin).await;
        whole(&books, &sold);
    }
}

/// Every sale that was answered is there, and each that is there is whole.
fn whole(books: &Books, answered: &BTreeSet<Uuid>) {
    let lost: Vec<_> = answered.iter().filter(|id| !books.sales.contains_key(id)).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
    for (id, sale) in &books.sales {
        assert_eq!((sale.lines.len(), sale.paid.len(), sale.total), (2, 1, 357_000), "{id}");
    }
    let item = books.items.values().next().expect("one product");
    let sold = 3_000 * i64::try_from(books.sales.len()).expect("few sales");
    assert_eq!(item.on_hand, 1_000_000_000 - sold, "three units a sale, no more and no fewer");
}

/// Where to cut: places spread by a fixed rule, ends included. `INVENTARIO_CUT_SEED`
/// says from where the rule begins.
fn cuts(len: u64) -> Vec<u64> {
    let seed = u64::try_from(from_environment("INVENTARIO_CUT_SEED", 0)).expect("fits");
    let turns = 1 + 10 * seed..=10 + 10 * seed;
    let spread = turns.map(|turn| turn.wrapping_mul(0x9e37_79b9_7f4a_7c15) % len.max(1));
    [0, 1, 31, 32, len.saturating_sub(1)].into_iter().chain(spread).filter(|cut| *cut < len).collect()
}

fn copy_cut(from: &Path, cut_name: &str, cut: u64) -> tempfile::TempDir {
    let to = tempfile::tempdir().expect("a temporary folder");
    for name in [FILE.to_owned(), format!("{FILE}-wal")] {
        std::fs::copy(from.join(&name), to.path().join(&name)).expect("both files are there after a kill");
    }
    let file = std::fs::OpenOptions::new().write(true).open(to.path().join(cut_name)).expect("the copy opens");
    file.set_len(cut).expect("the copy can be cut");
    to
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_cut_anywhere_leaves_whole_sales_and_all_of_those_flushed_before() {
    let (_made, folder, admin, flushed, sold) = killed(40).await;
    let log = format!("{FILE}-wal");
    let len = std::fs::metadata(folder.path().join(&log)).expect("a log").len();
    let mut lost_some = false;
    for cut in cuts(len) {
        let copy = copy_cut(folder.path(), &log, cut);
        let db = Db::open(&config(copy.path())).await.expect("a log that ends early is no damage");
        let books = books::audited(&db, &admin).await;
        whole(&books, &flushed);
        lost_some |= sold.iter().any(|id| !books.sales.contains_key(id));
    }
    assert!(lost_some, "some cut went through the sales after the flush");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_file_cut_anywhere_is_called_damaged_or_is_whole() {
    let (_made, folder, admin, flushed, _) = killed(10).await;
    let len = std::fs::metadata(folder.path().join(FILE)).expect("a file").len();
    let mut damaged = 0;
    for cut in cuts(len) {
        let copy = copy_cut(folder.path(), FILE, cut);
        let read = match Db::open(&config(copy.path())).await {
            Ok(db) => books::read(&db, &admin).await,
            Err(error) => Err(error),
        };
        match read {
            Ok(books) => {
                books.hold();
                whole(&books, &flushed);
            }
            Err(_) => damaged += 1,
        }
    }
    assert!(damaged > 0, "some cut took what is needed");
}

#[tokio::test]
async fn the_writer_flushes_its_log_before_it_answers() {
    let made = TestDb::sqlite(schema::MIGRATIONS, schema::TABLE_RANKS).await;
    let read = async move |tx: &mut db::SystemTx| -> Result<(i64, String), db::DbError> {
        let full = tx.one(&SYNCHRONOUS, params![]).await?.take()?;
        Ok((full, tx.one(&JOURNAL_MODE, params![]).await?.take()?))
    };
    let settings = made.db.system_write("read the writer's settings", read).await.expect("the writer answers");
    // 2 is FULL: in WAL mode every commit syncs the log (sqlite.org/pragma.html#pragma_synchronous).
    assert_eq!(settings, (2, "wal".to_owned()));
    let shop = TestShop::create(made.db.clone(), 1).await;
    let rice = shop.product(shop.fields("Arroz", 100_000), 10_000, 50_000).await;
    for _ in 0..3 {
        let before = made.db.writer_commits().expect("SQLite counts");
        let id = SaleId(shop.ids.next());
        shop.sell(shop.command(id, &shop.cart(&[(rice, "1")], "1190.00"))).await.expect("it is sold");
        assert_eq!(made.db.writer_commits(), Some(before + 1), "the commit came before the answer");
    }
}
