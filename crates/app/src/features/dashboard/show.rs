//! `GET /dashboard/`: today in three figures, then the period that was asked for.

use super::{
    attention::{self, Attention, COUNT_MAX},
    figures::{self, ByStep, CategorySum, Earned, Sums, TopProduct},
    period::Period,
    profit,
    recent::{self, RecentSale},
    view::{self, Change, Ranked},
};
use crate::{
    features::{
        settings::{guide, shop},
        totals::{
            self, Counted,
            money::{self, Money},
        },
    },
    kernel::{App, ShopPage},
    texts::{dashboard::Texts, settings},
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use db::ShopRead;
use domain::business_date::{BusinessDate, BusinessMoment};
use std::collections::BTreeMap;
use web::{
    AppError, Draft, Format, PageContext,
    chart::{BarChart, HeatMap},
    page::Link,
    query::Query,
};

/// Up to so many products, the categories are summed up with each page: the sum reads
/// a row a product. A larger shop has them a press away.
const PRODUCTS_FOR_CATEGORIES_MAX: i64 = 5_000;

#[derive(Template)]
#[template(path = "dashboard/show.html")]
struct SummaryPage<'a> {
    page: &'a PageContext,
    t: Texts,
    title: String,
    drawers: String,
    today: TodayView,
    attention: &'a Attention,
    attend: AttendView,
    period: PeriodView,
    segments: Vec<Link>,
    dates: Draft,
    chart: BarChart,
    /// The account of the period.
    rows: Vec<profit::Entry>,
    heat: HeatMap,
    heat_caption: String,
    heat_href: String,
    top: Vec<Ranked>,
    categories: Option<Vec<Ranked>>,
    recent: &'a [RecentSale],
    guide: Option<guide::Guide>,
    guide_words: settings::Texts,
}

struct TodayView {
    sums: Sums,
    earned: Earned,
    query: String,
    change: Option<Change>,
    clock: String,
    of_a_hundred: Option<i64>,
}

struct AttendView {
    figure: String,
    words: String,
    more: i64,
}

struct PeriodView {
    heading: String,
    query: String,
    sums: Sums,
    change: Option<Change>,
    compared_with: String,
}

/// Everything that was read for one page.
struct Facts {
    now: BusinessMoment,
    period: Period,
    hours: [BTreeMap<i64, Sums>; 2],
    by_step: ByStep,
    before: ByStep,
    /// Of today, of the period, of the one before.
    money: [Money; 3],
    heat: [[i64; 24]; 7],
    heat_first: BusinessDate,
    top: Vec<TopProduct>,
    categories: Option<Vec<CategorySum>>,
    attention: Attention,
    recent: Vec<RecentSale>,
    guide: guide::Marks,
    day_starts_hour: i64,
}

/// Shows the page.
pub async fn show(State(app): State<App>, page: ShopPage, RawQuery(query): RawQuery) -> Result<Response, AppError> {
    let query = Query::parse(query.as_deref())?;
    let mut read = app.db.snapshot(&page.actor).await?;
    let facts = load(&mut read, &query, app.now_us()).await?;
    drop(read);
    let (t, format) = (Texts(page.lang), &page.format);
    let period = &facts.period;
    let (heat, heat_caption) = view::heat_map(&facts.heat, t, &page);
    let categories = facts.categories.as_ref();
    page.show(&SummaryPage {
        page: &page,
        t,
        title: t.title(format.date_long(facts.now.date.as_i64())),
        drawers: drawers(&facts.attention, t, format),
        today: today(&facts, t, format),
        attention: &facts.attention,
        attend: attend(&facts.attention, t, format),
        period: period_view(&facts, t, format),
        segments: view::segments(period, t),
        dates: Draft::holding([("desde", period.first.to_string()), ("hasta", period.last_shown().to_string())]),
        rows: {
            let [now, before] = earned(&facts);
            profit::account(&now, &before, &period.query(), t, format)
        },
        chart: view::bar_chart(period, &facts.by_step, &facts.before, t, format),
        heat,
        heat_caption,
        heat_href: format!("desde={}&hasta={}", facts.heat_first, facts.now.date),
        top: view::ranked_products(&facts.top, period, t, format),
        categories: categories.map(|sums| view::ranked_categories(sums, period, t, format)),
        recent: &facts.recent,
        guide: facts.guide.guide(settings::Texts(page.lang)),
        guide_words: settings::Texts(page.lang),
    })
}

/// A number of statements that history does not change; a test counts them.
async fn load(read: &mut ShopRead, query: &Query, now_us: i64) -> Result<Facts, AppError> {
    let profile = shop::load_profile(read).await?;
    let now = profile.moment(now_us);
    let period = Period::read(query, now.date)?;
    let days_ago = |days: i64| now.date.plus_days(-days).unwrap_or(now.date);
    let mut hours = figures::by_hour(read, [now.date, days_ago(7)]).await?.into_iter();
    let (by_step, before) = figures::by_step(read, &period).await?;
    let days = |first: BusinessDate, last: BusinessDate| (first.as_i64(), last.as_i64());
    let spans =
        [days(now.date, now.date), days(period.first, period.last), days(period.before_first, period.before_last)];
    let money = money::sums(read, spans).await?;
    let heat_first = days_ago(7 * view::HEAT_WEEKS - 1);
    let heat = figures::heat(read, heat_first, now.date).await?;
    let spans = period.spans();
    let top = figures::top(read, &spans).await?;
    let is_small = totals::counted(read, Counted::Products).await? <= PRODUCTS_FOR_CATEGORIES_MAX;
    let categories = if is_small { Some(figures::categories(read, &spans).await?) } else { None };
    Ok(Facts {
        now,
        period,
        hours: [hours.next().unwrap_or_default(), hours.next().unwrap_or_default()],
        by_step,
        before,
        money,
        heat,
        heat_first,
        top,
        categories,
        attention: attention::load(read).await?,
        recent: recent::load(read).await?,
        guide: guide::load(read).await?,
        day_starts_hour: profile.day_starts_at_minutes / 60,
    })
}

/// Today, compared with the same weekday a week ago up to the hour that is over.
fn today(facts: &Facts, t: Texts, format: &Format) -> TodayView {
    let [today, week_ago] = &facts.hours;
    // The day's own order of hours: where it starts at 4, hour 2 is late.
    let place = |hour: i64| (hour - facts.day_starts_hour).rem_euclid(24);
    let so_far = |hours: &BTreeMap<i64, Sums>| -> i64 {
        let over = hours.iter().filter(|(hour, _)| place(**hour) < place(facts.now.hour));
        over.map(|(_, sums)| sums.sold_minor()).sum()
    };
    let sums: Sums = today.values().copied().sum();
    let day = facts.now.date;
    TodayView {
        sums,
        earned: Earned { sums, money: facts.money[0] },
        query: format!("desde={day}&hasta={day}"),
        change: Change::of(so_far(today), so_far(week_ago), t, format),
        clock: format!("{:02}:00", facts.now.hour),
        of_a_hundred: view::of_a_hundred(sums.profit_minor(), sums.known_cost_base_minor),
    }
}

/// What the period and the one before it earned.
fn earned(facts: &Facts) -> [Earned; 2] {
    let of = |sums: &ByStep, money: Money| Earned { sums: sums.values().copied().sum(), money };
    [of(&facts.by_step, facts.money[1]), of(&facts.before, facts.money[2])]
}

fn period_view(facts: &Facts, t: Texts, format: &Format) -> PeriodView {
    let sums: Sums = facts.by_step.values().copied().sum();
    let before: Sums = facts.before.values().copied().sum();
    PeriodView {
        heading: view::heading(&facts.period, t, format),
        query: facts.period.query(),
        sums,
        change: Change::of(sums.sold_minor(), before.sold_minor(), t, format),
        compared_with: view::compared_with(&facts.period, t),
    }
}

fn attend(attention: &Attention, t: Texts, format: &Format) -> AttendView {
    let counts = attention.counts;
    let shown = |n: i64| {
        if n > COUNT_MAX { format!("{}+", format.count(COUNT_MAX)) } else { format.count(n) }
    };
    let parts = [
        (counts.below_zero, t.attend_below_zero(counts.below_zero, shown(counts.below_zero))),
        (counts.low, t.attend_low(counts.low, shown(counts.low))),
        (counts.reviews, t.attend_reviews(counts.reviews, shown(counts.reviews))),
    ];
    let words: Vec<String> = parts.into_iter().filter(|(n, _)| *n > 0).map(|(_, words)| words).collect();
    let listed = attention.below_zero.len() + attention.low.len();
    let listed = i64::try_from(listed).expect("two lists of ten rows");
    AttendView {
        figure: if counts.all() == 0 {
            t.attend_nothing().to_owned()
        } else {
            t.attend_things(counts.all(), shown(counts.all()))
        },
        words: if words.is_empty() { t.attend_nothing_words().to_owned() } else { words.join(", ") },
        more: counts.below_zero + counts.low - listed,
    }
}

fn drawers(attention: &Attention, t: Texts, format: &Format) -> String {
    let since = |drawer: &attention::OpenDrawer| t.drawer_open(drawer.register.clone(), format.when(drawer.opened_at));
    let mut parts: Vec<String> = attention.drawers.iter().map(since).collect();
    if parts.is_empty() {
        parts.push(t.no_drawer_open().to_owned());
    }
    parts.push(t.updated(format.when(format.now_us)));
    parts.join(" · ")
}
