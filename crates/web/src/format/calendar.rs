//! The names of days and months in three languages, and dates written with them.

use jiff::civil::Date;

use crate::lang::Lang;

const DAYS: [[&str; 7]; 3] = [
    ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    ["segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"],
];

const DAYS_SHORT: [[&str; 7]; 3] = [
    ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    ["seg", "ter", "qua", "qui", "sex", "sáb", "dom"],
];

const MONTHS: [[&str; 12]; 3] = [
    [
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ],
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ],
    [
        "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
        "novembro", "dezembro",
    ],
];

const MONTHS_SHORT: [[&str; 12]; 3] = [
    ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"],
];

fn row(lang: Lang) -> usize {
    match lang {
        Lang::Es => 0,
        Lang::En => 1,
        Lang::Pt => 2,
    }
}

fn from_monday(date: Date) -> usize {
    usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0)
}

fn month_index(date: Date) -> usize {
    usize::try_from(date.month() - 1).unwrap_or(0)
}

pub(super) fn weekday_short(lang: Lang, from_monday: usize) -> &'static str {
    DAYS_SHORT[row(lang)][from_monday % 7]
}

/// `22 nov`, or with the year `22 nov 2025`.
pub(super) fn short(lang: Lang, date: Date, with_year: bool) -> String {
    let month = MONTHS_SHORT[row(lang)][month_index(date)];
    if with_year { format!("{} {month} {}", date.day(), date.year()) } else { format!("{} {month}", date.day()) }
}

/// `martes 24 de noviembre`.
pub(super) fn long(lang: Lang, date: Date) -> String {
    let day = DAYS[row(lang)][from_monday(date)];
    let month = MONTHS[row(lang)][month_index(date)];
    match lang {
        Lang::Es => format!("{day} {} de {month}", date.day()),
        Lang::En => format!("{day}, {} {month}", date.day()),
        Lang::Pt => format!("{day}, {} de {month}", date.day()),
    }
}

/// `noviembre 2026`.
pub(super) fn month(lang: Lang, date: Date) -> String {
    format!("{} {}", MONTHS[row(lang)][month_index(date)], date.year())
}

/// `nov`.
pub(super) fn month_short(lang: Lang, date: Date) -> &'static str {
    MONTHS_SHORT[row(lang)][month_index(date)]
}

/// `mié 18`.
pub(super) fn axis(lang: Lang, date: Date) -> String {
    format!("{} {}", DAYS_SHORT[row(lang)][from_monday(date)], date.day())
}
