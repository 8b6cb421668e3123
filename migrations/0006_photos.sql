-- Photos of products: which product has a photo, asked by the job that clears away
-- the files that none has.

CREATE INDEX product_by_photo ON product (shop_id, photo) WHERE photo IS NOT NULL;
