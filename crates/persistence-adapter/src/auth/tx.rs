use haat_domain::auth::{AuthTx, FactorWriter, PasswordWriter, SessionWriter};

use crate::PgDatabase;
use crate::shared::{PgTx, view};

view!(PgDatabase, PgTx as AuthTx { passwords: PasswordWriter, sessions: SessionWriter, factors: FactorWriter });
