use std::borrow::Cow;

use haat_application::shared::{FieldError, Text};
use haat_domain::shared::{FieldRule, csv_list};
use serde_json::{Map, Value};

use super::Problem;
use super::invalid::NOT_AN_ID;
use super::json::{canonical, whole_number};

/// Maximum number of reported errors, so that a body full of errors cannot cause a response many times its
/// size.
const MAX_ERRORS: usize = 100;

/// Parameters that select the page, or the members of each row. They do not filter the rows.
const OF_A_PAGE: &[&str] = &["limit", "cursor", "page", "includeTotal", "fields", "lang"];

/// The members of a request, read one by one. Errors are collected, so that the response reports all of them
/// at once; members that are never read are reported as unknown.
#[derive(Clone, Default)]
pub struct Fields {
    members: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    /// Takes the members of an object.
    #[must_use]
    pub const fn new(members: Map<String, Value>) -> Self {
        Self { members, errors: Vec::new() }
    }

    /// Adds a parameter of a query or a form. Each parameter may be given once.
    ///
    /// # Errors
    /// 422 for a name that is given twice.
    pub fn add(&mut self, name: String, value: String) -> Result<(), Problem> {
        if self.members.contains_key(&name) {
            let message = Text::new("must be given only once", "একবারই দেওয়া যাবে");
            return Err(Problem::invalid_field(&name, "repeated", message));
        }
        self.members.insert(name, Value::String(value));
        Ok(())
    }

    /// Accepts `other` as an alternative name of the member `name`. If both are given, `other` is reported
    /// as an unknown field.
    pub fn accept_alias(&mut self, name: &str, other: &str) {
        if !self.members.contains_key(name)
            && let Some(value) = self.members.remove(other)
        {
            self.members.insert(name.to_owned(), value);
        }
    }

    /// Accepts the names that other clients use for places, such as `regionId` for `region`.
    pub(crate) fn accept_other_names(&mut self) {
        for (name, other) in [
            ("region", "regionId"),
            ("area", "areaId"),
            ("territory", "territoryId"),
            ("distributor", "distributorId"),
        ] {
            self.accept_alias(name, other);
        }
    }

    /// Reads an optional string; `null` counts as absent.
    pub fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.members.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.reject(name, "wrong-type", "must be a string", "স্ট্রিং হতে হবে");
                None
            }
        }
    }

    /// Reads a required string that must not be empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let errors = self.errors.len();
        let text = self.optional_text(name).filter(|text| !text.is_empty());
        if text.is_none() && self.errors.len() == errors {
            self.reject(name, "required", "is required", "দিতে হবে");
        }
        text
    }

    /// Reads an optional string and parses it; `null` counts as absent.
    pub fn optional<T, E: FieldRule>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.optional_text(name)?;
        self.parsed(name, parse(&text))
    }

    /// Reads a required string and parses it.
    pub fn required<T, E: FieldRule>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name)?;
        self.parsed(name, parse(&text))
    }

    /// Records that a member is required, unless it has another error.
    pub fn require(&mut self, name: &str) {
        if !self.is_rejected(name) {
            self.reject(name, "required", "is required", "দিতে হবে");
        }
    }

    /// Reads an optional string that must not be `null`, and parses it.
    pub fn non_null<T, E: FieldRule>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.members.get(name).is_some_and(Value::is_null) {
            self.members.remove(name);
            self.reject(name, "required", "cannot be cleared", "খালি করা যায় না");
        }
        self.optional(name, parse)
    }

    /// Reads an optional whole number that must not be `null`.
    pub fn number<T, E: FieldRule>(
        &mut self,
        name: &str,
        parse: impl FnOnce(i64) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.members.remove(name)?;
        // A number above the range of i64 is above every limit.
        let number = whole_number(&value).or_else(|| value.is_u64().then_some(i64::MAX));
        match number {
            Some(number) => self.parsed(name, parse(number)),
            None if value.is_null() => {
                self.reject(name, "required", "cannot be cleared", "খালি করা যায় না");
                None
            }
            None => {
                self.reject(name, "wrong-type", "must be a whole number", "পূর্ণ সংখ্যা হতে হবে");
                None
            }
        }
    }

    /// Reads an optional whole number. `None` if absent; `null` is passed to `parse` as `None`.
    pub fn nullable_number<T, E: FieldRule>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Option<i64>) -> Result<T, E>,
    ) -> Option<T> {
        if self.members.get(name)?.is_null() {
            self.members.remove(name);
            return self.parsed(name, parse(None));
        }
        self.number(name, |number| parse(Some(number)))
    }

    /// Reads an optional string. `None` if absent; `null` is passed to `parse` as `None`.
    pub fn nullable_text<T, E: FieldRule>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Option<&str>) -> Result<T, E>,
    ) -> Option<T> {
        match self.members.remove(name)? {
            Value::Null => self.parsed(name, parse(None)),
            Value::String(text) => self.parsed(name, parse(Some(&text))),
            _ => {
                self.reject(name, "wrong-type", "must be a string", "স্ট্রিং হতে হবে");
                None
            }
        }
    }

    /// Reads an optional list of strings. `None` if absent; `null` is passed to `parse` as `None`.
    pub fn texts<T, E: FieldRule>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Option<&[String]>) -> Result<T, E>,
    ) -> Option<T> {
        let texts = match self.members.remove(name)? {
            Value::Null => return self.parsed(name, parse(None)),
            Value::Array(values) => values
                .into_iter()
                .map(|value| if let Value::String(text) = value { Some(text) } else { None })
                .collect::<Option<Vec<_>>>(),
            _ => None,
        };
        let Some(texts) = texts else {
            self.reject(name, "wrong-type", "must be a list of strings", "স্ট্রিংয়ের তালিকা হতে হবে");
            return None;
        };
        self.parsed(name, parse(Some(&texts)))
    }

    /// Like [`texts`](Self::texts), but accepts a single string too, which is split at `;` and `|` like a cell of a file.
    pub fn texts_or_cell<T, E: FieldRule>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Option<&[String]>) -> Result<T, E>,
    ) -> Option<T> {
        if let Some(Value::String(cell)) = self.members.get(name) {
            let parts = csv_list(cell).map(Value::from).collect();
            self.members.insert(name.to_owned(), Value::Array(parts));
        }
        self.texts(name, parse)
    }

    fn parsed<T, E: FieldRule>(&mut self, name: &str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|rule| self.reject(name, rule.code(), rule.to_string(), rule.bangla())).ok()
    }

    /// Reads an optional string that `parse` accepts. `words` are the accepted values, which the error message
    /// lists.
    pub fn word<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let value = parse(&self.optional_text(name)?);
        if let (None, Some((last, others))) = (&value, words.split_last()) {
            let others = others.join(", ");
            let (en, bn) = (format!("must be {others} or {last}"), format!("{others} বা {last} হতে হবে"));
            self.reject(name, "invalid", en, bn);
        }
        value
    }

    /// Takes a member as it is; `null` counts as absent.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    /// Reads an optional id in a query.
    pub fn id(&mut self, name: &str) -> Option<i64> {
        self.optional(name, |id| id.parse().map_err(|_not_an_id| NOT_AN_ID))
    }

    /// Returns the items of a member that must be a list.
    pub fn items(&mut self, name: &str, json: Value) -> Option<Vec<Value>> {
        if let Value::Array(items) = json {
            return Some(items);
        }
        self.reject(name, "wrong-type", "must be a list", "একটি তালিকা হতে হবে");
        None
    }

    /// Reads an optional boolean; `null` counts as absent.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.take(name)?;
        if !value.is_boolean() {
            self.reject(name, "wrong-type", "must be true or false", "true বা false হতে হবে");
        }
        value.as_bool()
    }

    /// Reads an optional boolean; absent is `false`.
    pub fn flag(&mut self, name: &str) -> bool {
        self.boolean(name).unwrap_or_default()
    }

    /// Reads a nested object; its errors are reported under its path.
    pub fn nested<T>(
        &mut self,
        path: &str,
        value: Value,
        read: impl FnOnce(&mut Fields) -> Option<T>,
    ) -> Option<T> {
        let Value::Object(members) = value else {
            self.reject(path, "wrong-type", "must be an object", "অবজেক্ট হতে হবে");
            return None;
        };
        let mut inner = Self::new(members);
        let read = read(&mut inner);
        let errors = inner.into_errors();
        let remaining = MAX_ERRORS.saturating_sub(self.errors.len());
        self.errors.extend(errors.into_iter().take(remaining).map(|error| error.under(path)));
        read
    }

    /// Returns true if this member has an error.
    #[must_use]
    pub fn is_rejected(&self, name: &str) -> bool {
        self.errors.iter().any(|error| error.field == name)
    }

    /// Like [`finish`](Self::finish), with the errors of another part of the request.
    ///
    /// # Errors
    /// 422 with all errors of both.
    pub fn finish_with(self, other: Self) -> Result<(), Problem> {
        into_result([self.into_errors(), other.into_errors()].concat())
    }

    /// Records an error.
    pub fn reject(
        &mut self,
        field: &str,
        code: &'static str,
        en: impl Into<Cow<'static, str>>,
        bn: impl Into<Cow<'static, str>>,
    ) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(FieldError::new(field.to_owned(), code, Text::new(en, bn)));
        }
    }

    /// Returns the identity of a list, which its cursors contain: the path and the non-empty parameters, except
    /// those that select the page.
    #[must_use]
    pub fn list_of(&self, path: &str) -> String {
        let mut list = path.to_owned();
        for (name, value) in &self.members {
            let value = value.as_str().unwrap_or_default();
            if !value.is_empty() && !OF_A_PAGE.contains(&name.as_str()) {
                // Escaped, so that no value looks like another parameter.
                let value = value.replace('%', "%25").replace('&', "%26");
                list.extend(["&", name, "=", &value]);
            }
        }
        list
    }

    /// Returns the members as JSON text that depends only on their meaning: sorted, without white space, and with whole
    /// numbers written as such.
    pub(crate) fn canonical(&self) -> String {
        canonical(&Value::Object(self.members.clone())).to_string()
    }

    /// Returns true if the member is present, not `null` and not read yet.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|value| !value.is_null())
    }

    /// Fails with all errors, including members that were never read.
    ///
    /// # Errors
    /// 422 with all errors.
    pub fn finish(self) -> Result<(), Problem> {
        into_result(self.into_errors())
    }

    fn into_errors(mut self) -> Vec<FieldError> {
        let unknown = std::mem::take(&mut self.members);
        for name in unknown.keys() {
            self.reject(
                name,
                "unknown-field",
                "is not a field of this request",
                "এই অনুরোধে এই ফিল্ডটি গ্রহণযোগ্য নয়",
            );
        }
        self.errors
    }
}

/// Returns a problem with the errors, if there are any.
fn into_result(errors: Vec<FieldError>) -> Result<(), Problem> {
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

#[cfg(test)]
mod tests {
    use super::super::Invalid;
    use super::*;

    fn number(text: &str) -> Result<i32, Invalid> {
        text.parse().map_err(|_not_a_number| Invalid("must be a number", "সংখ্যা হতে হবে"))
    }

    fn fields(json: &str) -> Fields {
        Fields::new(serde_json::from_str(json).unwrap())
    }

    fn errors(fields: Fields) -> Vec<(String, &'static str)> {
        let errors = fields.finish().map_or_else(|problem| problem.errors, |()| Vec::new());
        errors.into_iter().map(|error| (error.field.into_owned(), error.code)).collect()
    }

    #[test]
    fn reports_all_errors_at_once() {
        let mut fields = fields(r#"{"a": 1, "b": "", "c": null, "d": "x", "e": [], "f": "12"}"#);
        assert_eq!(fields.text("a"), None);
        assert_eq!(fields.text("b"), None);
        assert_eq!(fields.text("c"), None);
        assert_eq!(fields.optional("d", number), None);
        assert_eq!(fields.optional("f", number), Some(12));
        let expected = [
            ("a", "wrong-type"),
            ("b", "required"),
            ("c", "required"),
            ("d", "invalid"),
            ("e", "unknown-field"),
        ];
        assert_eq!(errors(fields), expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn distinguishes_null_from_absent_where_it_matters() {
        let mut fields = fields(r#"{"a": null, "b": null, "c": 7, "d": null, "e": " "}"#);
        assert_eq!(fields.nullable_number("a", Ok::<_, std::convert::Infallible>), Some(None));
        assert_eq!(fields.nullable_number("c", Ok::<_, std::convert::Infallible>), Some(Some(7)));
        assert_eq!(fields.nullable_number("z", Ok::<_, std::convert::Infallible>), None);
        assert_eq!(fields.non_null("b", number), None);
        assert_eq!(fields.non_null("z", number), None);
        assert_eq!(fields.required("d", number), None);
        assert_eq!(fields.required("e", number), None);
        let expected = [("b", "required"), ("d", "required"), ("e", "invalid")];
        assert_eq!(errors(fields), expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn accepts_a_valid_request() {
        let mut fields = fields(r#"{"a": "x", "b": null}"#);
        assert!(fields.has("a") && !fields.has("z"));
        assert_eq!(fields.text("a").as_deref(), Some("x"));
        assert_eq!(fields.optional_text("b"), None);
        assert_eq!(errors(fields), []);
    }
}
