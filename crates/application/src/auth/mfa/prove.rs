use chrono::{DateTime, Utc};
use haat_domain::auth::{AuthTx, FactorCode, FactorFailure, Proof, SecondFactors, StoredFactor};
use haat_domain::shared::StorageFailure;

/// Verifies and consumes a code of a locked user. Returns `None` for an incorrect, already used or malformed
/// code.
pub(super) async fn prove<E: From<FactorFailure> + From<StorageFailure>>(
    tx: &mut dyn AuthTx,
    factors: &dyn SecondFactors,
    factor: &StoredFactor,
    code: Option<&FactorCode>,
    now: DateTime<Utc>,
) -> Result<Option<Proof>, E> {
    let user = &factor.user;
    match (code, &factor.seed) {
        (Some(FactorCode::Totp(code)), Some(seed)) => {
            // RFC 6238 section 5.2: a code is accepted only once.
            let step =
                factors.step_of(user, &seed.sealed, code, now)?.filter(|step| *step > seed.last_totp_step);
            if let Some(step) = step {
                let renewed = factors.renewed(user, &seed.sealed)?;
                tx.factors().consume_totp_step(user.tenant, user.id, step, renewed.as_ref()).await?;
            }
            Ok(step.map(Proof::Totp))
        }
        (Some(FactorCode::Recovery(code)), _) => {
            let digest = factors.digest(code);
            let is_unused = tx.factors().consume_recovery_code(user.tenant, user.id, &digest).await?;
            Ok(is_unused.then_some(Proof::Recovery))
        }
        _ => Ok(None),
    }
}
