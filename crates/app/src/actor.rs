//! Who asks: the person, the shop they stand in, and what they are there.
//!
//! **Invariant:** nothing reaches a shop's table without one of these; the shop
//! in it is the `$1` of every statement.

use db::ShopScope;
use domain::{
    ids::{ShopId, UserId},
    permission::{self, Permission, Role, SellerRights},
};
use uuid::Uuid;

/// A person acting in a shop, as their membership stood when the request began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The shop they act in.
    pub shop: ShopId,
    /// The person.
    pub user: UserId,
    /// What they are in this shop.
    pub role: Role,
}

impl Actor {
    /// Whether they may take an action.
    pub fn may(&self, permission: Permission) -> bool {
        permission::allows(self.role, permission)
    }

    /// The limits under which they sell.
    pub fn rights(&self) -> SellerRights {
        permission::rights(self.role)
    }
}

impl ShopScope for Actor {
    fn shop_id(&self) -> Uuid {
        self.shop.0
    }
}

/// A shop in which the installation itself acts: a job, a command line, the
/// delivery of a device whose signature named the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InShop(pub ShopId);

impl ShopScope for InShop {
    fn shop_id(&self) -> Uuid {
        self.0.0
    }
}
