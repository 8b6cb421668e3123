//! Who may do what: the matrix role × action, with its limits.
//!
//! **Invariant:** rights are decided here and nowhere else; the web layer asks
//! before a handler runs, the sale asks for the limits while it decides.

use serde::Serialize;

/// What a person is in a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Owns or runs the shop.
    Admin,
    /// Sells.
    #[serde(rename = "vendedor")]
    Seller,
}

impl Role {
    /// The word the database and the Django application's forms use.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Seller => "vendedor",
        }
    }

    /// The role of a stored word; `None` for a word that names no role.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "admin" => Some(Role::Admin),
            "vendedor" => Some(Role::Seller),
            _ => None,
        }
    }
}

/// An action a role may or may not take in its shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See products and their selling prices, never their cost.
    SeeProducts,
    /// Create, edit, deactivate products; adjust stock; see costs and the kardex.
    ManageProducts,
    /// Ring up a sale, and open and close one's own cash session.
    Sell,
    /// See sales: one's own, or with [`Permission::SeeAllSales`] everybody's.
    SeeSales,
    /// See the sales of others.
    SeeAllSales,
    /// Take goods back for money.
    Refund,
    /// Undo a whole sale.
    Void,
    /// Ask for a price other than the shop's.
    ChangePrice,
    /// See and quickly create customers.
    SeeCustomers,
    /// Edit customers.
    ManageCustomers,
    /// See the dashboard, reports, cost and profit.
    SeeFigures,
    /// Record, see and void expenses and other income.
    ManageExpenses,
    /// Create and deactivate sellers.
    ManageMembers,
    /// Change the shop's settings, registers and devices.
    ManageSettings,
    /// Bring data in and take it out.
    ImportData,
    /// Post or reject what tills delivered and the server could not post.
    SettleReviews,
}

impl Permission {
    /// Every permission, in the order of declaration.
    pub const ALL: [Permission; 16] = [
        Permission::SeeProducts,
        Permission::ManageProducts,
        Permission::Sell,
        Permission::SeeSales,
        Permission::SeeAllSales,
        Permission::Refund,
        Permission::Void,
        Permission::ChangePrice,
        Permission::SeeCustomers,
        Permission::ManageCustomers,
        Permission::SeeFigures,
        Permission::ManageExpenses,
        Permission::ManageMembers,
        Permission::ManageSettings,
        Permission::ImportData,
        Permission::SettleReviews,
    ];
}

/// Whether a role has a permission in a shop that changed nothing.
pub fn allows(role: Role, permission: Permission) -> bool {
    match role {
        Role::Admin => true,
        Role::Seller => matches!(
            permission,
            Permission::SeeProducts | Permission::Sell | Permission::SeeSales | Permission::SeeCustomers
        ),
    }
}

/// The limits under which a person sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SellerRights {
    /// The highest discount of a line and of a sale, in millionths of a percent.
    pub max_discount_percent_e6: i64,
    /// Whether a price other than the shop's may be asked for.
    pub change_price: bool,
    /// Whether goods may be taken back.
    pub refund: bool,
    /// Whether a whole sale may be undone.
    pub void: bool,
    /// Whether the drawer may be opened without a sale.
    pub open_drawer: bool,
    /// Whether a product that the shop does not know may be created at the till.
    pub create_product: bool,
}

/// One hundred percent in millionths of a percent.
const ALL_OF_IT_E6: i64 = 100_000_000;

/// The limits of a role in a shop that changed nothing: a seller gives up to ten
/// percent and changes no price.
pub fn rights(role: Role) -> SellerRights {
    SellerRights {
        max_discount_percent_e6: match role {
            Role::Admin => ALL_OF_IT_E6,
            Role::Seller => ALL_OF_IT_E6 / 10,
        },
        change_price: allows(role, Permission::ChangePrice),
        refund: allows(role, Permission::Refund),
        void: allows(role, Permission::Void),
        open_drawer: role == Role::Admin,
        create_product: allows(role, Permission::ManageProducts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seller_sells_and_sees_no_figures() {
        let allowed: Vec<_> = Permission::ALL.into_iter().filter(|p| allows(Role::Seller, *p)).collect();
        assert_eq!(
            allowed,
            [Permission::SeeProducts, Permission::Sell, Permission::SeeSales, Permission::SeeCustomers]
        );
    }

    #[test]
    fn an_admin_may_do_everything_in_the_shop() {
        assert!(Permission::ALL.into_iter().all(|p| allows(Role::Admin, p)));
    }

    #[test]
    fn roles_keep_the_words_of_the_database() {
        for role in [Role::Admin, Role::Seller] {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("superuser"), None);
    }
}
