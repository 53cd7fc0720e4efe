//! Generation of the rows, each reproducible from the seed and its number.

mod dice;
mod layout;
mod names;
mod places;
mod retailers;

pub(crate) use names::Names;
pub(crate) use places::{Places, SeedFiles};
pub(crate) use retailers::RetailerGenerator;
