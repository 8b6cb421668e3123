//! The navigation as one reader may see it: a link that would be refused is not
//! shown, and what is not shown is still refused.

use crate::{features::accounts::asker::Asker, texts::shell::Texts};
use domain::permission::Permission;
use web::{
    Icon, Lang,
    page::{Nav, NavItem},
};

/// Where each reader begins, and where they are led when something is refused.
pub fn home_of(asker: &Asker) -> &'static str {
    if asker.must_change_password {
        "/cambiar-password/"
    } else if asker.may(Permission::SeeFigures) {
        "/dashboard/"
    } else if asker.membership.is_some() {
        "/ventas/nueva/"
    } else if asker.superuser {
        "/admin/"
    } else {
        "/perfil/"
    }
}

/// The navigation of a reader.
pub fn nav_of(asker: &Asker, lang: Lang) -> Nav {
    let t = Texts(lang);
    let summary = NavItem::new("/dashboard/", t.nav_summary(), Icon::Today);
    let sales = NavItem::new("/ventas/", t.nav_sales(), Icon::Sales);
    let products = NavItem::new("/productos/", t.nav_products(), Icon::Products);
    let customers = NavItem::new("/clientes/", t.nav_customers(), Icon::People);
    let more = NavItem::new("/perfil/", t.nav_more(), Icon::Menu);
    let sell = NavItem { key: Some("V"), ..NavItem::new("/ventas/nueva/", t.nav_sell(), Icon::Sell) };
    let installation = NavItem::new("/admin/", t.nav_installation(), Icon::Settings);
    let mailbox = NavItem::new("/admin/correo/", t.nav_mailbox(), Icon::Mail);
    let in_shop = asker.membership.is_some();
    let allowed = |permission, item: &NavItem| asker.may(permission).then(|| item.clone());
    let main = [
        allowed(Permission::SeeFigures, &summary),
        allowed(Permission::SeeSales, &sales),
        allowed(Permission::SeeProducts, &products),
        allowed(Permission::SeeCustomers, &customers),
    ];
    let business = [
        allowed(Permission::ManageExpenses, &NavItem::new("/gastos/", t.nav_expenses(), Icon::Wallet)),
        allowed(Permission::ManageExpenses, &NavItem::new("/ingresos/", t.nav_income(), Icon::Cash)),
        allowed(Permission::ManageMembers, &NavItem::new("/usuarios/", t.nav_sellers(), Icon::User)),
        allowed(Permission::SettleReviews, &NavItem::new("/por-revisar/", t.nav_review(), Icon::Warn)),
        allowed(Permission::ImportData, &NavItem::new("/configuracion/datos/importar/", t.nav_data(), Icon::Upload)),
        allowed(Permission::ManageSettings, &NavItem::new("/configuracion/", t.nav_settings(), Icon::Settings)),
        asker.superuser.then(|| installation.clone()),
        asker.superuser.then(|| mailbox.clone()),
    ];
    let bottom = if asker.may(Permission::SeeFigures) {
        vec![summary, sell.clone(), products, more]
    } else if in_shop {
        vec![sell.clone(), sales, products, more]
    } else if asker.superuser {
        vec![installation, mailbox, more]
    } else {
        Vec::new()
    };
    Nav {
        home: Some(home_of(asker)),
        sell: asker.may(Permission::Sell).then_some(sell),
        main: main.into_iter().flatten().collect(),
        business: business.into_iter().flatten().collect(),
        bottom,
        profile: Some("/perfil/"),
        sign_out: Some("/logout/"),
        search: in_shop.then_some("/buscar/"),
    }
}
