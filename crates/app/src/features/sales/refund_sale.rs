//! `/ventas/{id}/devolver/` and `/ventas/{id}/anular/`: taking back some lines, or the
//! whole sale. Both are documents of their own; the sale stays as it was.

use crate::{
    features::{
        cash::drawers,
        sales::{
            load_sale::{self, Line, Sale, State as SaleState},
            refusal,
            show_sale::{measure, read_id},
            take_back_sale::{TakeBackAnswer, TakeBackSale, TakeBackSaleError, take_back_sale},
        },
    },
    kernel::{App, Body, ShopPage},
    texts::sales::Texts,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use db::ShopTx;
use domain::{
    ids::{RefundId, SaleId, SessionId},
    take_back::{ReturnedLine, TakeBack},
};
use sha2::{Digest, Sha256};
use web::{
    AppError, Choice, Draft, FormReader, PageContext, Text,
    flash::{Flash, Tone},
    form::Said,
};

const REASON_CHARS_MAX: usize = 255;

#[derive(Template)]
#[template(path = "sales/refund_sale.html")]
struct RefundPage<'a> {
    page: &'a PageContext,
    t: Texts,
    sale: &'a Sale,
    draft: Draft,
    drawers: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "sales/void_sale.html")]
struct VoidPage<'a> {
    page: &'a PageContext,
    t: Texts,
    sale: &'a Sale,
    draft: Draft,
    drawers: Vec<Choice>,
}

/// Which of the two is shown and sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Refund,
    Void,
}

/// Shows the form of a refund.
pub async fn show_refund(state: State<App>, page: ShopPage, path: Path<String>) -> Result<Response, AppError> {
    show(state, page, path, Act::Refund).await
}

/// Shows the form of a void.
pub async fn show_void(state: State<App>, page: ShopPage, path: Path<String>) -> Result<Response, AppError> {
    show(state, page, path, Act::Void).await
}

/// Refunds lines.
pub async fn refund(state: State<App>, page: ShopPage, path: Path<String>, body: Body) -> Result<Response, AppError> {
    submit(state, page, path, body, Act::Refund).await
}

/// Voids the sale.
pub async fn void(state: State<App>, page: ShopPage, path: Path<String>, body: Body) -> Result<Response, AppError> {
    submit(state, page, path, body, Act::Void).await
}

async fn show(State(app): State<App>, page: ShopPage, Path(id): Path<String>, act: Act) -> Result<Response, AppError> {
    let (sale, drawers) = load(&app, &page, read_id(&id)?).await?;
    if !sale.is_refundable() || (act == Act::Void && sale.state() != SaleState::Whole) {
        let flash = Flash::new(Tone::Warn, Texts(page.lang).take_back_already()).cookie(page.secure);
        return Ok((flash, Redirect::to(&sale.address(""))).into_response());
    }
    let mut values: Vec<(String, String)> = vec![("id".to_owned(), app.new_id().to_string())];
    values.extend(sale.lines.iter().map(|line| (restock_name(line.position), "1".to_owned())));
    if let [only] = drawers.as_slice() {
        values.push(("caja".to_owned(), only.value.clone()));
    }
    let draft =
        FormReader::of(values, &page.format).finish(|| None::<()>).map_or_else(|draft| draft, |(_, draft)| draft);
    form_page(&page, &sale, draft, drawers, act)
}

async fn load(app: &App, page: &ShopPage, id: SaleId) -> Result<(Sale, Vec<Choice>), AppError> {
    let mut read = app.db.shop(&page.actor).await?;
    let sale = load_sale::load(&mut read, &page.actor, id).await?.ok_or(AppError::NotFound)?;
    let drawers = drawers::open_drawers(&mut read).await?;
    Ok((sale, drawers))
}

fn form_page(page: &ShopPage, sale: &Sale, draft: Draft, drawers: Vec<Choice>, act: Act) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let draft = draft.labelled(&[("motivo", t.refund_reason()), ("caja", t.refund_drawer())]);
    match act {
        Act::Refund => page.show(&RefundPage { page, t, sale, draft, drawers }),
        Act::Void => page.show(&VoidPage { page, t, sale, draft, drawers }),
    }
}

/// What a form asks to be taken back.
struct Wanted {
    id: RefundId,
    what: TakeBack,
    reason: String,
    session: Option<SessionId>,
}

fn read(page: &ShopPage, sale: &Sale, body: &[u8], act: Act) -> Result<Result<(Wanted, Draft), Draft>, AppError> {
    let mut form = FormReader::new(body, &page.format)?;
    let id = form.id("id");
    let reason = form.text("motivo", Text::required(REASON_CHARS_MAX));
    let session = form.id_or_none("caja");
    let what = match act {
        Act::Void => Some(TakeBack::Void),
        Act::Refund => read_lines(&mut form, sale).map(TakeBack::Lines),
    };
    Ok(form.finish(|| Some(Wanted { id: id?, what: what?, reason: reason?, session: session? })))
}

/// A quantity that is left empty, or is 0, leaves its line alone.
fn read_lines(form: &mut FormReader<'_>, sale: &Sale) -> Option<Vec<ReturnedLine>> {
    let mut lines = Some(Vec::new());
    for line in &sale.lines {
        let quantity = form.quantity_or_none(&quantity_name(line.position));
        let restock = form.flag(&restock_name(line.position));
        match (quantity, &mut lines) {
            (None, _) => lines = None,
            (Some(Some(quantity_milli)), Some(lines)) if quantity_milli != 0 => {
                lines.push(ReturnedLine { position: line.position, quantity_milli, restock });
            }
            (Some(_), _) => {}
        }
    }
    lines
}

fn quantity_name(position: i64) -> String {
    format!("cantidad_{position}")
}

fn restock_name(position: i64) -> String {
    format!("reponer_{position}")
}

async fn submit(
    State(app): State<App>,
    page: ShopPage,
    Path(id): Path<String>,
    Body(body): Body,
    act: Act,
) -> Result<Response, AppError> {
    let (sale, drawers) = load(&app, &page, read_id(&id)?).await?;
    let (wanted, mut draft) = match read(&page, &sale, &body, act)? {
        Ok(read) => read,
        Err(draft) => return form_page(&page, &sale, draft, drawers, act),
    };
    let command = TakeBackSale {
        id: wanted.id,
        actor: page.actor,
        sale: sale.id,
        content_hash: hash(sale.id, &wanted),
        what: wanted.what,
        reason: wanted.reason,
        session: wanted.session,
        now_us: app.now_us(),
    };
    let answer = match take_back(&app, command).await {
        Ok(answer) => answer,
        Err(TakeBackSaleError::UnknownSale) => return Err(AppError::NotFound),
        Err(TakeBackSaleError::Conflict) => {
            let said = Said::new(|lang| Texts(lang).refused_id_used());
            return Err(AppError::Conflict(Some(said)));
        }
        Err(TakeBackSaleError::Db(error)) => return Err(error.into()),
        Err(TakeBackSaleError::Refused(refused)) => {
            let (position, problem) = refusal::of_take_back(refused, &page.format);
            let field = match (position, act, refused) {
                (Some(position), ..) => quantity_name(position),
                (None, _, domain::take_back::TakeBackRefused::DrawerClosed) => "caja".to_owned(),
                (None, Act::Refund, _) => quantity_name(sale.lines.first().map_or(0, |line| line.position)),
                (None, Act::Void, _) => "motivo".to_owned(),
            };
            draft.refuse(&field, problem);
            return form_page(&page, &sale, draft, drawers, act);
        }
    };
    done(&page, &sale, &answer, act)
}

async fn take_back(app: &App, command: TakeBackSale) -> Result<TakeBackAnswer, TakeBackSaleError> {
    let actor = command.actor;
    app.db.shop_write(&actor, "take back sale", async move |tx: &mut ShopTx| take_back_sale(tx, &command).await).await
}

fn done(page: &ShopPage, sale: &Sale, answer: &TakeBackAnswer, act: Act) -> Result<Response, AppError> {
    let t = Texts(page.lang);
    let exponent = page.format.currency.decimals;
    let money = |text: &str| domain::decimal::parse(text, exponent).map(|minor| page.format.money(minor));
    let (total, cash) = (money(&answer.total)?, money(&answer.cash)?);
    let text = match act {
        Act::Refund => t.refund_done(&answer.number, total, cash),
        Act::Void => t.void_done(&sale.label, &answer.number, cash),
    };
    Ok((Flash::new(Tone::Ok, text).cookie(page.secure), Redirect::to(&sale.address(""))).into_response())
}

/// The hash of what was meant, so that the same form sent twice is one refund.
fn hash(sale: SaleId, wanted: &Wanted) -> [u8; 32] {
    let lines: Option<Vec<(i64, i64, bool)>> = match &wanted.what {
        TakeBack::Void => None,
        TakeBack::Lines(lines) => {
            Some(lines.iter().map(|line| (line.position, line.quantity_milli, line.restock)).collect())
        }
    };
    let meant = (sale, lines, &wanted.reason, wanted.session);
    let canonical = serde_json::to_vec(&meant).expect("ids, numbers and a text always become JSON");
    let mut hasher = Sha256::new();
    hasher.update(b"refund/1\n");
    hasher.update(&canonical);
    hasher.finalize().into()
}

impl RefundPage<'_> {
    fn quantity_name(&self, line: &Line) -> String {
        quantity_name(line.position)
    }

    fn restock_name(&self, line: &Line) -> String {
        restock_name(line.position)
    }

    /// What could still come back, with its unit.
    fn left(&self, line: &Line) -> String {
        measure(self.page, line, line.left_milli())
    }

    /// What a pack is paid back with, about: discounts are shared as they were given.
    fn each(&self, line: &Line) -> String {
        let price = self.page.format.amount(line.unit_final_minor);
        if line.discount_minor == 0 { self.t.refund_each(&price) } else { self.t.refund_each_discounted(&price) }
    }
}
