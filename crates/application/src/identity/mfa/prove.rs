use chrono::{DateTime, Utc};
use haat_domain::identity::{FactorCode, FactorFailure, HeldFactor, IdentityTx, Proof, SecondFactors};
use haat_domain::shared::StorageFailure;

/// Whether somebody who is locked has shown their second factor, which is used up by it; `None` for a wrong code, one that was
/// used before and what cannot be one.
pub(super) async fn prove<E: From<FactorFailure> + From<StorageFailure>>(
    tx: &mut dyn IdentityTx,
    factors: &dyn SecondFactors,
    held: &HeldFactor,
    code: Option<&FactorCode>,
    now: DateTime<Utc>,
) -> Result<Option<Proof>, E> {
    let user = &held.user;
    match (code, &held.seed) {
        (Some(FactorCode::Totp(code)), Some(seed)) => {
            // RFC 6238 section 5.2: no code is taken twice.
            let step = factors.step_of(user, &seed.sealed, code, now)?.filter(|step| *step > seed.last_step);
            if let Some(step) = step {
                let renewed = factors.renewed(user, &seed.sealed)?;
                tx.factors().use_step(user.tenant, user.id, step, renewed.as_ref()).await?;
            }
            Ok(step.map(Proof::Totp))
        }
        (Some(FactorCode::Recovery(code)), _) => {
            let digest = factors.digest(code);
            let was_left = tx.factors().use_recovery(user.tenant, user.id, &digest).await?;
            Ok(was_left.then_some(Proof::Recovery))
        }
        _ => Ok(None),
    }
}
