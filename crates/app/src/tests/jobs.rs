//! The program's jobs, run by the runner on both engines.

use crate::{
    features::{
        accounts::{limit_store::DbLimits, session_store::DbSessions, sweep::Sweep},
        imports::apply_job::ApplyImport,
        operator::{
            mailbox,
            send_mail::{JobContext, SendMail},
        },
    },
    testkit::{
        Browser, TestShop, on_both,
        shop::{FixedClock, NOON_US},
    },
};
use db::{Db, DbError, SystemTx};
use guard::{
    session::{SessionPolicy, SessionStore},
    source::DAY_US,
};
use jobs::{Registry, Runner, RunnerParts, RunnerSettings, Stamp};
use outside::{
    files::Files,
    mail::{MailError, Mailer},
};
use std::sync::Arc;
use uuid::Uuid;

const MAIL: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

/// The program's runner, at a fixed time.
pub fn runner(db: &Db, mailer: Option<Mailer>, now_us: i64) -> Runner<JobContext> {
    Runner::new(RunnerParts {
        db: db.clone(),
        registry: Registry::default()
            .with::<SendMail>()
            .with::<ApplyImport>()
            .with_periodic(Sweep::every(), &Sweep::default()),
        context: Arc::new(JobContext {
            db: db.clone(),
            mailer,
            sessions: DbSessions::new(db.clone()),
            session_policy: SessionPolicy::default(),
            limits: DbLimits::new(db.clone(), Arc::new(FixedClock)),
            files: Files::memory(),
        }),
        clock: Arc::new(move || now_us),
        random: Arc::new(|| 7),
        settings: RunnerSettings::default(),
    })
}

async fn enqueue_mail(db: &Db) {
    db.system_write("enqueue", async move |tx: &mut SystemTx| -> Result<(), DbError> {
        let mail = SendMail {
            id: MAIL,
            recipient: "marta@ejemplo.co".to_owned(),
            subject: "Confirma tu correo".to_owned(),
            body_text: "Abre este enlace".to_owned(),
            body_html: "<p>Abre este enlace</p>".to_owned(),
            created_at: NOON_US,
        };
        jobs::enqueue(tx, Stamp { id: MAIL, now_us: NOON_US }, &mail).await
    })
    .await
    .expect("the queue takes it");
}

#[tokio::test]
async fn mail_leaves_by_the_service_where_one_is_set_up() {
    on_both(async |db| {
        enqueue_mail(&db).await;
        let (mailer, outbox) = Mailer::memory();
        let summary = runner(&db, Some(mailer), NOON_US).run_due_once().await.expect("the database answers");
        assert_eq!((summary.done, summary.retried, summary.failed), (1, 0, 0));
        let sent = outbox.take();
        assert_eq!((sent.len(), sent[0].to().as_str()), (1, "marta@ejemplo.co"));
        assert!(mailbox::newest(&db, 10).await.expect("the database answers").is_empty());
    })
    .await;
}

#[tokio::test]
async fn mail_waits_while_its_service_is_away_and_ends_when_it_is_refused_for_good() {
    on_both(async |db| {
        enqueue_mail(&db).await;
        let (mailer, outbox) = Mailer::memory();
        outbox.refuse_next(MailError { retry: true, reason: "busy".to_owned() });
        let summary = runner(&db, Some(mailer.clone()), NOON_US).run_due_once().await.expect("the database answers");
        assert_eq!((summary.done, summary.retried, summary.failed), (0, 1, 0));
        outbox.refuse_next(MailError { retry: false, reason: "no such person".to_owned() });
        let summary = runner(&db, Some(mailer), NOON_US + DAY_US).run_due_once().await.expect("the database answers");
        assert_eq!((summary.done, summary.retried, summary.failed), (0, 0, 1));
        assert!(outbox.take().is_empty());
    })
    .await;
}

#[tokio::test]
async fn mail_without_a_service_ends_in_the_local_mailbox() {
    on_both(async |db| {
        enqueue_mail(&db).await;
        runner(&db, None, NOON_US).run_due_once().await.expect("the database answers");
        let kept = mailbox::newest(&db, 10).await.expect("the database answers");
        assert_eq!((kept.len(), kept[0].subject.as_str()), (1, "Confirma tu correo"));
    })
    .await;
}

#[tokio::test]
async fn the_sweep_removes_sessions_that_are_dead_and_no_others() {
    on_both(async |db| {
        let shop = TestShop::create(db.clone(), 1).await;
        Browser::sign_in(&db, shop.admin).await;
        let sessions = DbSessions::new(db.clone());
        for (days, left) in [(0, 1), (30, 0)] {
            let runner = runner(&db, None, NOON_US + days * DAY_US);
            runner.enqueue_periodic().await.expect("the database answers");
            let summary = runner.run_due_once().await.expect("the database answers");
            assert_eq!((summary.done, summary.failed), (1, 0), "after {days} days");
            let found = sessions.list(shop.admin.user.0).await.expect("the database answers");
            assert_eq!(found.len(), left, "after {days} days");
        }
    })
    .await;
}
