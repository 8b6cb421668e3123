//! What a person types about a tax set.

use crate::{
    features::settings::tax_store::{Rate, TaxSet, TaxSetFields},
    texts::settings::Texts,
};
use domain::ids::TaxSetId;
use uuid::Uuid;
use web::{AppError, Draft, FormReader, Format, Problem, Text, form::Said};

/// Most taxes of one set.
pub const RATES_MAX: usize = 4;
/// Longest code of a tax, in characters: it stands on receipts.
const CODE_CHARS_MAX: usize = 12;

/// The fields of one tax: its code and its rate.
pub type RateFields = (&'static str, &'static str);

/// The fields of all of them.
pub const ROWS: [RateFields; RATES_MAX] =
    [("codigo_1", "tasa_1"), ("codigo_2", "tasa_2"), ("codigo_3", "tasa_3"), ("codigo_4", "tasa_4")];

/// What was typed, checked field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxForm {
    /// The set.
    pub fields: TaxSetFields,
    /// The id that a new one shall have, from the form's hidden field.
    pub id: Option<Uuid>,
    /// The version that the person saw, where the form said so.
    pub version: Option<i64>,
}

/// The labels of the fields, for the notice above the form.
pub fn labels(t: Texts) -> Vec<(&'static str, &'static str)> {
    let mut labels = vec![("nombre", t.field_tax_name())];
    labels.extend(ROWS.iter().flat_map(|(code, rate)| [(*code, t.field_tax_code()), (*rate, t.field_tax_rate())]));
    labels
}

/// Reads a form.
///
/// # Errors
/// The draft to show again, with every mistake.
pub fn read(pairs: Vec<(String, String)>, format: &Format) -> Result<(TaxForm, Draft), Draft> {
    let is_filled = |name: &str| pairs.iter().any(|(field, value)| field == name && !value.trim().is_empty());
    let filled = ROWS.map(|(code, rate)| is_filled(code) || is_filled(rate));
    let mut form = FormReader::of(pairs, format);
    let name = form.text("nombre", Text::required(60));
    let mut rates: Vec<Rate> = Vec::new();
    let mut all_read = true;
    for ((code_field, rate_field), _) in ROWS.into_iter().zip(filled).filter(|(_, filled)| *filled) {
        let code = code(&mut form, code_field, &rates);
        let rate = form.rate_ppm(rate_field);
        match (code, rate) {
            (Some(code), Some(rate_ppm)) => rates.push(Rate { code, rate_ppm }),
            _ => all_read = false,
        }
    }
    let (id, version) = (form.id_or_none("id"), form.id_or_none("version"));
    form.finish(|| {
        let fields = TaxSetFields { name: name?, rates: all_read.then_some(rates)? };
        Some(TaxForm { fields, id: id?, version: version? })
    })
}

/// A code once in a set: the quote refuses a line that lists one twice.
fn code(form: &mut FormReader<'_>, name: &str, before: &[Rate]) -> Option<String> {
    let code = form.text(name, Text::required(CODE_CHARS_MAX))?;
    if before.iter().any(|rate| rate.code.to_lowercase() == code.to_lowercase()) {
        form.refuse(name, Problem::Said(Said::new(|lang| Texts(lang).tax_code_twice())));
        return None;
    }
    Some(code)
}

/// A form that holds a set.
pub fn holding(set: &TaxSet, format: &Format) -> Draft {
    let mut values = vec![("nombre", set.fields.name.clone()), ("version", set.version.to_string())];
    for ((code, rate), held) in ROWS.into_iter().zip(&set.fields.rates) {
        values.push((code, held.code.clone()));
        // A field holds the figure alone; the sign of the percentage stands behind it.
        values.push((rate, format.percent(held.rate_ppm).trim_end_matches('%').trim().to_owned()));
    }
    Draft::holding(values)
}

/// The set that products go to, where there are any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoveTo(pub Option<TaxSetId>);

/// Reads where the products of a set go that is taken out of use.
///
/// # Errors
/// A body that cannot be read. What the person must choose anew is the inner error.
pub fn read_move(
    body: &[u8],
    format: &Format,
    set: &TaxSet,
    all: &[TaxSet],
) -> Result<Result<MoveTo, Draft>, AppError> {
    let mut form = FormReader::new(body, format)?;
    let sent: Option<Option<TaxSetId>> = form.id_or_none("destino");
    let others = |id: &TaxSetId| all.iter().any(|other| other.active && other.id == *id && other.id != set.id);
    let known = sent.map(|sent| sent.filter(others));
    if set.products > 0 && known == Some(None) {
        form.refuse("destino", Problem::NotAChoice);
    }
    Ok(form.finish(|| known.map(MoveTo)).map(|(to, _)| to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use web::Lang;

    fn format() -> Format {
        crate::kernel::request::shopless_format(Lang::Es, 0)
    }

    fn form(fields: &[(&str, &str)]) -> Result<TaxForm, Vec<String>> {
        let pairs = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        match read(pairs, &format()) {
            Ok((form, _)) => Ok(form),
            Err(draft) => Err(draft.wrong().map(|(name, _)| name.to_owned()).collect()),
        }
    }

    #[test]
    fn a_set_has_any_number_of_taxes_with_four_decimals() {
        let rates = |fields| form(fields).map(|form| form.fields.rates);
        let rate = |code: &str, rate_ppm| Rate { code: code.to_owned(), rate_ppm };
        assert_eq!(rates(&[("nombre", "Excluido")]), Ok(vec![]));
        assert_eq!(rates(&[("nombre", "Exento"), ("codigo_1", "IVA"), ("tasa_1", "0")]), Ok(vec![rate("IVA", 0)]));
        let two =
            [("nombre", "Licores"), ("codigo_1", "IVA"), ("tasa_1", "5"), ("codigo_3", "ICO"), ("tasa_3", "8,0625")];
        assert_eq!(rates(&two), Ok(vec![rate("IVA", 50_000), rate("ICO", 80_625)]));
    }

    #[test]
    fn every_mistake_is_said_at_its_field() {
        let wrong = [
            ("nombre", ""),
            ("codigo_1", "IVA"),
            ("tasa_1", ""),
            ("tasa_2", "8"),
            ("codigo_3", "INC"),
            ("tasa_3", "100,0001"),
            ("codigo_4", "X"),
            ("tasa_4", "1,23456"),
        ];
        assert_eq!(form(&wrong), Err(["nombre", "tasa_1", "codigo_2", "tasa_3", "tasa_4"].map(str::to_owned).to_vec()));
        let twice = [("nombre", "A"), ("codigo_1", "IVA"), ("tasa_1", "5"), ("codigo_2", "iva"), ("tasa_2", "8")];
        assert_eq!(form(&twice), Err(vec!["codigo_2".to_owned()]));
    }

    #[test]
    fn what_a_form_holds_reads_back_as_the_same() {
        let rates = [0, 80_625, 190_000, 1_000_000].map(|rate_ppm| Rate { code: format!("T{rate_ppm}"), rate_ppm });
        let fields = TaxSetFields { name: "Todo".into(), rates: rates.to_vec() };
        let set = TaxSet {
            id: TaxSetId(Uuid::nil()),
            fields: fields.clone(),
            is_default: false,
            active: true,
            version: 3,
            products: 0,
        };
        let draft = holding(&set, &format());
        let names = ROWS.iter().flat_map(|(code, rate)| [*code, *rate]).chain(["nombre", "version"]);
        let held: Vec<_> = names.map(|name| (name, draft.value(name))).collect();
        assert_eq!(form(&held), Ok(TaxForm { fields, id: None, version: Some(3) }));
    }
}
