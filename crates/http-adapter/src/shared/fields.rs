use serde_json::{Map, Value};

use super::{FieldError, Problem, Text};

/// More than a person reads: a body made of mistakes must not become an answer many times its size.
const MOST_ERRORS: usize = 100;

/// The members of a request, read one after the other. What is wrong is gathered, so that a client hears of all of
/// it at once; members nobody asked for are wrong too.
#[derive(Clone)]
pub(crate) struct Fields {
    members: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    pub(crate) const fn new(members: Map<String, Value>) -> Self {
        Self { members, errors: Vec::new() }
    }

    /// Adds a parameter of a query or a form, where each is given at most once.
    pub(crate) fn add(&mut self, name: String, value: String) -> Result<(), Problem> {
        if self.members.contains_key(&name) {
            let twice = Text::new("is given twice", "দুইবার দেওয়া হয়েছে");
            return Err(Problem::invalid_field(&name, "repeated", twice));
        }
        self.members.insert(name, Value::String(value));
        Ok(())
    }

    /// Takes a member by another name that clients have for it, where it is not there by its own.
    pub(crate) fn also_called(&mut self, name: &str, other: &str) {
        if !self.members.contains_key(name)
            && let Some(value) = self.members.remove(other)
        {
            self.members.insert(name.to_owned(), value);
        }
    }

    /// A text that may be absent; `null` counts as absent.
    pub(crate) fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.members.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.refuse(name, "wrong-type", "must be a text", "লেখা হতে হবে");
                None
            }
        }
    }

    /// A text that must be there and not empty.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let errors = self.errors.len();
        let text = self.optional_text(name).filter(|text| !text.is_empty());
        if text.is_none() && self.errors.len() == errors {
            self.refuse(name, "required", "is required", "দিতে হবে");
        }
        text
    }

    /// A text that may be absent and otherwise must mean something.
    pub(crate) fn optional<T, E: std::fmt::Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.optional_text(name)?;
        self.parsed(name, parse(&text))
    }

    /// A text that must be there and mean something.
    pub(crate) fn required<T, E: std::fmt::Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name)?;
        self.parsed(name, parse(&text))
    }

    /// A text that may be absent, but not `null`, and otherwise must mean something.
    pub(crate) fn replacing<T, E: std::fmt::Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.members.get(name).is_some_and(Value::is_null) {
            self.members.remove(name);
            self.refuse(name, "required", "cannot be cleared", "খালি করা যায় না");
        }
        self.optional(name, parse)
    }

    /// A whole number that may be absent, but not `null`.
    pub(crate) fn number<T, E: std::fmt::Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(i64) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.members.remove(name)?;
        // A number beyond i64 is beyond every bound there is.
        let number = value.as_i64().or_else(|| value.is_u64().then_some(i64::MAX));
        match number {
            Some(number) => self.parsed(name, parse(number)),
            None if value.is_null() => {
                self.refuse(name, "required", "cannot be cleared", "খালি করা যায় না");
                None
            }
            None => {
                self.refuse(name, "wrong-type", "must be a whole number", "পূর্ণ সংখ্যা হতে হবে");
                None
            }
        }
    }

    /// A whole number that may be absent (`None`) or `null` (told to `parse` as `None`).
    pub(crate) fn nullable_number<T, E: std::fmt::Display>(
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

    /// A text that may be absent (`None`) or `null` (told to `parse` as `None`).
    pub(crate) fn nullable_text<T, E: std::fmt::Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Option<&str>) -> Result<T, E>,
    ) -> Option<T> {
        match self.members.remove(name)? {
            Value::Null => self.parsed(name, parse(None)),
            Value::String(text) => self.parsed(name, parse(Some(&text))),
            _ => {
                self.refuse(name, "wrong-type", "must be a text", "লেখা হতে হবে");
                None
            }
        }
    }

    /// A list of texts that may be absent (`None`) or `null` (told to `parse` as `None`).
    pub(crate) fn texts<T, E: std::fmt::Display>(
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
            self.refuse(name, "wrong-type", "must be a list of texts", "লেখার তালিকা হতে হবে");
            return None;
        };
        self.parsed(name, parse(Some(&texts)))
    }

    fn parsed<T, E: std::fmt::Display>(&mut self, name: &str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|error| self.refuse(name, "invalid", error.to_string(), "সঠিক নয়")).ok()
    }

    /// A member as it came; `null` counts as absent.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    /// Whether a member is `true`; absent is `false`.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        match self.take(name) {
            None => false,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.refuse(name, "wrong-type", "must be true or false", "true বা false হতে হবে");
                false
            }
        }
    }

    /// An object inside this one; what is wrong in it is told under its own path.
    pub(crate) fn nested<T>(
        &mut self,
        path: &str,
        value: Value,
        read: impl FnOnce(&mut Fields) -> Option<T>,
    ) -> Option<T> {
        let Value::Object(members) = value else {
            self.refuse(path, "wrong-type", "must be an object", "একটি অবজেক্ট হতে হবে");
            return None;
        };
        let mut inner = Self::new(members);
        let read = read(&mut inner);
        let errors = inner.into_errors();
        let room = MOST_ERRORS.saturating_sub(self.errors.len());
        self.errors.extend(errors.into_iter().take(room).map(|error| error.under(path)));
        read
    }

    /// Whether something is wrong with this member.
    pub(crate) fn is_refused(&self, name: &str) -> bool {
        self.errors.iter().any(|error| error.field == name)
    }

    /// As [`finish`](Self::finish), of this and another part of the request.
    pub(crate) fn finish_with(self, other: Self) -> Result<(), Problem> {
        told([self.into_errors(), other.into_errors()].concat())
    }

    /// Notes that something is wrong.
    pub(crate) fn refuse(
        &mut self,
        field: &str,
        code: &'static str,
        en: impl Into<String>,
        bn: impl Into<String>,
    ) {
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(FieldError { field: field.to_owned(), code, message: Text::new(en, bn) });
        }
    }

    /// The name of a list, for its cursors: a word, and these parameters where they are given.
    pub(crate) fn name_of_list(&self, word: &str, parameters: &[&str]) -> String {
        let mut list = word.to_owned();
        for parameter in parameters {
            if let Some(value) = self.peek_text(parameter).filter(|value| !value.is_empty()) {
                list.push('&');
                list.push_str(parameter);
                list.push('=');
                list.push_str(value);
            }
        }
        list
    }

    /// A text, without reading it: its reader still has to come.
    pub(crate) fn peek_text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }

    /// Whether a member of this name is there, not `null` and not read yet.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|value| !value.is_null())
    }

    /// Everything that was wrong, members nobody read included.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        told(self.into_errors())
    }

    fn into_errors(mut self) -> Vec<FieldError> {
        let unknown = std::mem::take(&mut self.members);
        for name in unknown.keys() {
            self.refuse(name, "unknown-field", "is not a field of this request", "এই অনুরোধে এমন তথ্য নেই");
        }
        self.errors
    }
}

fn told(errors: Vec<FieldError>) -> Result<(), Problem> {
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        Fields::new(serde_json::from_str(json).unwrap())
    }

    fn wrong(fields: Fields) -> Vec<(String, &'static str)> {
        let errors = fields.finish().map_or_else(|problem| problem.errors, |()| Vec::new());
        errors.into_iter().map(|error| (error.field, error.code)).collect()
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let mut fields = fields(r#"{"a": 1, "b": "", "c": null, "d": "x", "e": [], "f": "12"}"#);
        assert_eq!(fields.text("a"), None);
        assert_eq!(fields.text("b"), None);
        assert_eq!(fields.text("c"), None);
        assert_eq!(fields.optional("d", str::parse::<i32>), None);
        assert_eq!(fields.optional("f", str::parse::<i32>), Some(12));
        let expected = [
            ("a", "wrong-type"),
            ("b", "required"),
            ("c", "required"),
            ("d", "invalid"),
            ("e", "unknown-field"),
        ];
        assert_eq!(wrong(fields), expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn null_is_told_from_absent_where_that_matters() {
        let mut fields = fields(r#"{"a": null, "b": null, "c": 7, "d": null, "e": " "}"#);
        assert_eq!(fields.nullable_number("a", Ok::<_, String>), Some(None));
        assert_eq!(fields.nullable_number("c", Ok::<_, String>), Some(Some(7)));
        assert_eq!(fields.nullable_number("z", Ok::<_, String>), None);
        assert_eq!(fields.replacing("b", str::parse::<i32>), None);
        assert_eq!(fields.replacing("z", str::parse::<i32>), None);
        assert_eq!(fields.required("d", str::parse::<i32>), None);
        assert_eq!(fields.required("e", str::parse::<i32>), None);
        let expected = [("b", "required"), ("d", "required"), ("e", "invalid")];
        assert_eq!(wrong(fields), expected.map(|(field, code)| (field.to_owned(), code)));
    }

    #[test]
    fn a_request_without_fault_passes() {
        let mut fields = fields(r#"{"a": "x", "b": null}"#);
        assert!(fields.has("a") && !fields.has("z"));
        assert_eq!(fields.text("a").as_deref(), Some("x"));
        assert_eq!(fields.optional_text("b"), None);
        assert_eq!(wrong(fields), []);
    }
}
