//! Which column is what, guessed from Spanish, English and Portuguese headers.
//!
//! Owns: the fields an import knows and the words people head them with. Must not
//! know: what the cells below hold.
//!
//! **Invariant:** a field has at most one column; the person may correct every guess.

use super::read::{Cell, Row};

/// What a file brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The catalogue.
    Products,
    /// The people who buy.
    Customers,
    /// Sales that happened elsewhere.
    Sales,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 3] = [Kind::Products, Kind::Customers, Kind::Sales];

    /// The word in addresses, commands and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Products => "products",
            Kind::Customers => "customers",
            Kind::Sales => "sales",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Its fields, in the order in which a person is shown them.
    pub fn fields(self) -> Vec<Field> {
        Field::ALL.into_iter().filter(|field| !field.words(self).is_empty()).collect()
    }

    /// Whether these fields are enough to import.
    pub fn missing(self, has: impl Fn(Field) -> bool) -> Vec<Field> {
        let needed: &[Field] = match self {
            Kind::Products => &[Field::Name, Field::Price],
            Kind::Customers => &[Field::Name],
            Kind::Sales => &[Field::Invoice, Field::Sku, Field::Quantity, Field::Date, Field::Price],
        };
        needed.iter().copied().filter(|field| !has(*field)).collect()
    }
}

/// What a column can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// A product's or customer's name; in sales the line's description.
    Name,
    /// The code on the package.
    Barcode,
    /// The shop's own code.
    Sku,
    /// The category's name.
    Category,
    /// Selling price; in sales the unit price as charged.
    Price,
    /// What it costs the shop.
    PurchasePrice,
    /// The tax set's name or the rate.
    Tax,
    /// What is on hand.
    Stock,
    /// Below it, buy.
    Minimum,
    /// Piece, kilo, litre.
    Unit,
    /// Telephone.
    Phone,
    /// Identity or tax number.
    Document,
    /// E-mail.
    Email,
    /// Address.
    Address,
    /// The number another program gave the customer.
    CustomerCode,
    /// The sale's number.
    Invoice,
    /// How many were sold.
    Quantity,
    /// When.
    Date,
}

impl Field {
    /// All of them.
    pub const ALL: [Field; 18] = [
        Field::Invoice,
        Field::Date,
        Field::Name,
        Field::Barcode,
        Field::Sku,
        Field::Category,
        Field::Quantity,
        Field::Price,
        Field::PurchasePrice,
        Field::Tax,
        Field::Stock,
        Field::Minimum,
        Field::Unit,
        Field::Phone,
        Field::Document,
        Field::Email,
        Field::Address,
        Field::CustomerCode,
    ];

    /// The word in forms and stored mappings.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Name => "nombre",
            Field::Barcode => "codigo_de_barras",
            Field::Sku => "sku",
            Field::Category => "categoria",
            Field::Price => "precio",
            Field::PurchasePrice => "precio_compra",
            Field::Tax => "impuesto",
            Field::Stock => "stock",
            Field::Minimum => "minimo",
            Field::Unit => "unidad",
            Field::Phone => "telefono",
            Field::Document => "documento",
            Field::Email => "correo",
            Field::Address => "direccion",
            Field::CustomerCode => "codigo_cliente",
            Field::Invoice => "factura",
            Field::Quantity => "cantidad",
            Field::Date => "fecha",
        }
    }

    /// The field of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == word)
    }

    /// What heads such a column, folded, the surest first; nothing where the kind has
    /// no such field.
    fn words(self, kind: Kind) -> &'static [&'static str] {
        match (kind, self) {
            (Kind::Products, Field::Name) => &[
                "nombre", "nombre del producto", "nombre producto", "producto", "articulo", "name", "product name",
                "product", "item", "item name", "title", "titulo", "nome", "nome do produto", "produto", "descripcion",
                "description", "descricao", "detalle",
            ],
            (Kind::Products, Field::Barcode) => &[
                "codigo de barras", "codigo barras", "cod barras", "codigo de barra", "barras", "ean", "ean13",
                "ean 13", "gtin", "upc", "barcode", "bar code", "codigo ean",
            ],
            (Kind::Products | Kind::Sales, Field::Sku) => &[
                "sku", "referencia", "ref", "codigo interno", "codigo producto", "codigo del producto", "stock code",
                "stockcode", "product code", "item code", "codigo do produto", "reference", "codigo", "cod", "code",
            ],
            (Kind::Products, Field::Category) => &[
                "categoria", "category", "familia", "grupo", "linea", "departamento", "department", "seccion", "rubro",
                "tipo",
            ],
            (Kind::Products, Field::Price) => &[
                "precio", "precio venta", "precio de venta", "pvp", "precio publico", "price", "sale price",
                "selling price", "unit price", "unitprice", "preco", "preco de venda", "preco venda", "valor venta",
                "precio unitario", "valor",
            ],
            (Kind::Products, Field::PurchasePrice) => &[
                "precio compra", "precio de compra", "costo", "coste", "costo unitario", "cost", "cost price",
                "purchase price", "custo", "preco de custo", "preco de compra", "precio costo", "precio de costo",
                "valor compra",
            ],
            (Kind::Products, Field::Tax) => &[
                "impuesto", "impuestos", "iva", "tax", "tax rate", "vat", "igv", "imposto", "tasa", "tarifa iva",
                "porcentaje iva",
            ],
            (Kind::Products, Field::Stock) => &[
                "stock", "existencias", "existencia", "cantidad", "inventario", "saldo", "disponible", "quantity",
                "qty", "on hand", "inventory", "estoque", "quantidade", "stock actual", "unidades",
            ],
            (Kind::Products, Field::Minimum) => &[
                "stock minimo", "minimo", "existencia minima", "minimum", "minimum stock", "min stock",
                "reorder point", "reorder level", "estoque minimo", "punto de pedido",
            ],
            (Kind::Products, Field::Unit) => &[
                "unidad", "unidad de medida", "medida", "um", "unit", "unit of measure", "uom", "unidade",
                "presentacion",
            ],
            _ => self.other_words(kind),
        }
    }

    /// The same for what is no product.
    fn other_words(self, kind: Kind) -> &'static [&'static str] {
        match (kind, self) {
            (Kind::Customers, Field::Name) => &[
                "nombre", "nombre completo", "nombre del cliente", "nombre cliente", "cliente", "razon social", "name",
                "full name", "customer name", "customer", "client", "nome", "nome completo", "nome do cliente",
                "company",
            ],
            (Kind::Customers, Field::Phone) => &[
                "telefono", "celular", "movil", "tel", "telefono movil", "whatsapp", "phone", "phone number", "mobile",
                "cell", "telefone", "fone", "contacto",
            ],
            (Kind::Customers, Field::Document) => &[
                "documento", "cedula", "nit", "cc", "identificacion", "numero de documento", "numero documento", "rut",
                "ruc", "rfc", "dni", "cpf", "cnpj", "cuit", "tax id", "document", "id number", "no documento",
            ],
            (Kind::Customers, Field::Email) => {
                &["correo", "correo electronico", "email", "e mail", "mail", "email address"]
            }
            (Kind::Customers, Field::Address) => {
                &["direccion", "domicilio", "address", "endereco", "street", "direccion completa"]
            }
            (Kind::Customers | Kind::Sales, Field::CustomerCode) => &[
                "codigo cliente", "codigo del cliente", "codigo de cliente", "id cliente", "customer id", "customerid",
                "customer code", "client id", "customer number", "codigo do cliente", "numero de cliente", "cliente",
                "customer", "codigo",
            ],
            (Kind::Sales, Field::Invoice) => &[
                "factura", "numero de factura", "numero factura", "no factura", "nro factura", "invoice", "invoice no",
                "invoiceno", "invoice number", "comprobante", "numero de venta", "venta", "ticket", "recibo",
                "documento", "order id", "order", "nota fiscal", "numero da nota", "nota", "fatura", "pedido",
            ],
            (Kind::Sales, Field::Name) => &[
                "descripcion", "description", "descricao", "producto", "nombre", "nombre del producto", "articulo",
                "product", "product name", "item", "detalle", "produto", "nome",
            ],
            (Kind::Sales, Field::Quantity) => {
                &["cantidad", "cant", "quantity", "qty", "quantidade", "qtd", "unidades", "units"]
            }
            (Kind::Sales, Field::Date) => &[
                "fecha", "fecha y hora", "fecha de venta", "fecha factura", "date", "invoice date", "invoicedate",
                "datetime", "sold at", "sale date", "data", "data da venda", "data e hora",
            ],
            (Kind::Sales, Field::Price) => &[
                "precio unitario", "precio", "valor unitario", "unit price", "unitprice", "price", "preco unitario",
                "preco", "precio venta", "precio de venta", "pvp",
            ],
            _ => &[],
        }
    }
}

/// Which column holds which field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Position of the row of headers among the table's rows; the data follow it.
    pub header_at: usize,
    /// For each column what it is, if anything.
    pub fields: Vec<Option<Field>>,
}

impl Mapping {
    /// The column of a field, from 0.
    pub fn column(&self, field: Field) -> Option<usize> {
        self.fields.iter().position(|found| *found == Some(field))
    }

    /// Fields without which the kind cannot be imported.
    pub fn missing(&self, kind: Kind) -> Vec<Field> {
        kind.missing(|field| self.column(field).is_some())
    }
}

/// Titles and addresses of the shop may stand above the headers.
const ROWS_BEFORE_HEADERS_MAX: usize = 20;

/// Guesses the row of headers and what each column is: the row that names most
/// fields, the first of such.
pub fn guess(kind: Kind, rows: &[Row]) -> Mapping {
    let mut best = Mapping { header_at: 0, fields: vec![None; rows.first().map_or(0, |row| row.cells.len())] };
    let mut named = 0;
    for (header_at, row) in rows.iter().take(ROWS_BEFORE_HEADERS_MAX).enumerate() {
        let fields = name_columns(kind, row);
        let count = fields.iter().flatten().count();
        if count > named {
            named = count;
            best = Mapping { header_at, fields };
        }
    }
    best
}

/// Every pair of a column and a field has a rank; the best pairs are taken first, so
/// that `Descripción` is the name only where no `Nombre` is.
fn name_columns(kind: Kind, row: &Row) -> Vec<Option<Field>> {
    let headers: Vec<String> = row.cells.iter().map(folded).collect();
    let mut pairs: Vec<(usize, usize, Field)> = Vec::new();
    for field in kind.fields() {
        for (column, header) in headers.iter().enumerate() {
            if let Some(rank) = rank(header, field.words(kind)) {
                pairs.push((rank, column, field));
            }
        }
    }
    pairs.sort_by_key(|(rank, column, _)| (*rank, *column));
    let mut fields = vec![None; headers.len()];
    for (_, column, field) in pairs {
        if fields[column].is_none() && !fields.contains(&Some(field)) {
            fields[column] = Some(field);
        }
    }
    fields
}

/// The place of a header among the words: the whole header first, then a header that
/// has a word of ours among its own (`Precio (COP)`, `Stock bodega 1`).
fn rank(header: &str, words: &[&str]) -> Option<usize> {
    const WITHIN: usize = 100;
    if header.is_empty() {
        return None;
    }
    if let Some(rank) = words.iter().position(|word| *word == header) {
        return Some(rank);
    }
    let starts = |word: &str| header.strip_prefix(word).is_some_and(|rest| rest.starts_with(' '));
    words.iter().position(|word| word.len() > 2 && starts(word)).map(|rank| WITHIN + rank)
}

/// A header's words: small letters without accents, one blank between.
fn folded(cell: &Cell) -> String {
    let Cell::Text(text) = cell else { return String::new() };
    let mut folded = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        let plain = match character {
            'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ç' => 'c',
            'ñ' => 'n',
            other => other,
        };
        // A letter followed by its accent as a character of its own.
        if ('\u{300}'..='\u{36f}').contains(&plain) {
            continue;
        }
        if plain.is_alphanumeric() {
            folded.push(plain);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u32, cells: &[&str]) -> Row {
        Row { number, cells: cells.iter().map(|text| Cell::Text((*text).into())).collect() }
    }

    fn names(kind: Kind, headers: &[&str]) -> Vec<&'static str> {
        let mapping = guess(kind, &[row(1, headers)]);
        mapping.fields.iter().map(|field| field.map_or("", Field::as_str)).collect()
    }

    #[test]
    fn headers_of_three_languages_are_understood() {
        let cases: [(Kind, &[&str], &[&str]); 10] = [
            (
                Kind::Products,
                &["Nombre", "Código de barras", "Precio", "Stock"],
                &["nombre", "codigo_de_barras", "precio", "stock"],
            ),
            (
                Kind::Products,
                &["Descripción", "Código", "Precio Venta (COP)", "Costo"],
                &["nombre", "sku", "precio", "precio_compra"],
            ),
            (Kind::Products, &["NOMBRE", "DESCRIPCION", "PVP"], &["nombre", "", "precio"]),
            (
                Kind::Products,
                &["Product", "SKU", "Barcode", "Price", "Cost", "Qty", "Category"],
                &["nombre", "sku", "codigo_de_barras", "precio", "precio_compra", "stock", "categoria"],
            ),
            (
                Kind::Products,
                &["Produto", "Código do produto", "Preço", "Preço de custo", "Estoque", "Estoque mínimo"],
                &["nombre", "sku", "precio", "precio_compra", "stock", "minimo"],
            ),
            (Kind::Products, &["StockCode", "Description", "UnitPrice"], &["sku", "nombre", "precio"]),
            (
                Kind::Products,
                &["precio_compra", "precio", "codigo_de_barras", "categoria", "nombre"],
                &["precio_compra", "precio", "codigo_de_barras", "categoria", "nombre"],
            ),
            (
                Kind::Customers,
                &["Razón social", "NIT", "Celular", "Correo electrónico", "Dirección"],
                &["nombre", "documento", "telefono", "correo", "direccion"],
            ),
            (Kind::Customers, &["Cliente", "Código"], &["nombre", "codigo_cliente"]),
            (
                Kind::Sales,
                &[
                    "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID",
                    "Country",
                ],
                &["factura", "sku", "nombre", "cantidad", "fecha", "precio", "codigo_cliente", ""],
            ),
        ];
        for (kind, headers, wanted) in cases {
            assert_eq!(names(kind, headers), wanted, "{headers:?}");
        }
    }

    #[test]
    fn a_decomposed_accent_and_odd_signs_are_the_same_header() {
        assert_eq!(folded(&Cell::Text("  Co\u{301}digo_de-BARRAS: ".into())), "codigo de barras");
    }

    #[test]
    fn headers_may_stand_below_a_title() {
        let rows = [row(1, &["Tienda La Ñapa"]), row(3, &["Nombre", "Precio"]), row(4, &["Arroz", "2000"])];
        let mapping = guess(Kind::Products, &rows);
        assert_eq!((mapping.header_at, mapping.missing(Kind::Products)), (1, vec![]));
    }

    #[test]
    fn what_is_missing_is_named() {
        let mapping = guess(Kind::Sales, &[row(1, &["Factura", "Fecha", "Total"])]);
        assert_eq!(mapping.missing(Kind::Sales), [Field::Sku, Field::Quantity, Field::Price]);
    }

    #[test]
    fn every_field_finds_itself_by_its_stored_word() {
        for field in Field::ALL {
            assert_eq!(Field::parse(field.as_str()), Some(field));
        }
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
    }
}
