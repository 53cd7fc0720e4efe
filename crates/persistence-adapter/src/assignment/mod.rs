//! Who serves which shop.

mod writer;
