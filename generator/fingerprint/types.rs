//! The digests of named types: each of itself and of all that it is made of.
//!
//! A type that does not lead to itself is digested after those that it is made of. The types of a circle are told apart by what they lead
//! to in one step, in two, and so on, until a further step tells no more of them apart; and each is digested together with all others
//! of its circle, so that a change of one is a change of each. So the work grows with the document, and not with the ways through it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::facts::strongly_connected;
use crate::model::{Type, TypeId, TypeKind, Types};

/// How many steps are taken within a circle at most.
const STEPS: usize = 100;

/// The digest of a type.
pub(crate) type Digest = [u8; 16];

/// What a type is made of, with the places of other types in the text.
#[derive(Default)]
pub(super) struct TypeText {
    text: String,
    others: Vec<(usize, TypeId)>,
}

impl TypeText {
    /// A type where it is used.
    pub(super) fn of(ty: &Type) -> Self {
        let mut text = Self::default();
        text.ty(ty);
        text
    }

    /// What a type of that name is.
    fn of_named(types: &Types, id: TypeId) -> Self {
        let mut text = Self::default();
        match &types.get(id).kind {
            TypeKind::Struct(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_by(|a, b| a.name.value.cmp(&b.name.value));
                text.text.push_str("struct(");
                for field in fields {
                    let [required, nullable, lenient] = [field.required, field.nullable, field.lenient].map(u8::from);
                    // Writing to a `String` can not fail.
                    let _ = write!(text.text, "{:?}:{required}{nullable}{lenient} ", *field.name);
                    text.ty(&field.ty);
                    text.text.push(';');
                }
                text.text.push(')');
            }
            TypeKind::Enum(values) => {
                let mut values: Vec<&str> = values.iter().map(|value| value.as_str()).collect();
                values.sort_unstable();
                let _ = write!(text.text, "enum{values:?}");
            }
            TypeKind::Union(variants) => {
                // Here order counts: the first variant that fits is taken.
                text.text.push_str("union(");
                for ty in variants {
                    text.ty(ty);
                    text.text.push('|');
                }
                text.text.push(')');
            }
        }
        text
    }

    fn ty(&mut self, ty: &Type) {
        match ty {
            Type::Scalar(scalar) => {
                let _ = write!(self.text, "{scalar:?}");
            }
            Type::Json => self.text.push_str("Json"),
            Type::Array(inner) => self.within("[", inner, "]"),
            Type::Map(inner) => self.within("{", inner, "}"),
            Type::Named(id) => self.others.push((self.text.len(), *id)),
        }
    }

    fn within(&mut self, open: &str, inner: &Type, close: &str) {
        self.text.push_str(open);
        self.ty(inner);
        self.text.push_str(close);
    }

    /// The text with the digests of the other types.
    pub(super) fn spelled(&self, digests: &[Digest]) -> String {
        let mut text = String::new();
        let mut from = 0;
        for (at, TypeId(id)) in &self.others {
            text.push_str(self.text.get(from..*at).unwrap_or_default());
            text.push_str(&super::hex(digests.get(*id as usize).map_or(&[], Digest::as_slice)));
            from = *at;
        }
        text.push_str(self.text.get(from..).unwrap_or_default());
        text
    }
}

/// The digest of every type, by its id.
pub(crate) fn digests(types: &Types) -> Vec<Digest> {
    let texts: Vec<TypeText> = types.iter().map(|(id, _)| TypeText::of_named(types, id)).collect();
    let edges: Vec<Vec<usize>> =
        texts.iter().map(|text| text.others.iter().map(|(_, TypeId(id))| *id as usize).collect()).collect();
    // Their numbers ascend from the innermost out.
    let mut circles: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, circle) in strongly_connected(&edges).into_iter().enumerate() {
        circles.entry(circle).or_default().push(at);
    }
    let mut digests = vec![Digest::default(); texts.len()];
    for circle in circles.values() {
        settle(circle, &texts, &mut digests);
    }
    digests
}

/// Digests the types of a circle, or a type that is in none.
fn settle(circle: &[usize], texts: &[TypeText], digests: &mut [Digest]) {
    let leads_to = |at: usize, to: usize| texts[at].others.iter().any(|(_, TypeId(id))| *id as usize == to);
    if let [alone] = *circle
        && !leads_to(alone, alone)
    {
        digests[alone] = digest(texts[alone].spelled(digests).as_bytes());
        return;
    }
    let mut apart = 0;
    for _ in 0..STEPS {
        let next: Vec<Digest> = circle.iter().map(|at| digest(texts[*at].spelled(digests).as_bytes())).collect();
        circle.iter().zip(&next).for_each(|(at, digest)| digests[*at] = *digest);
        let seen = next.iter().collect::<BTreeSet<_>>().len();
        if seen == apart {
            break;
        }
        apart = seen;
    }
    let all: BTreeSet<Digest> = circle.iter().map(|at| digests[*at]).collect();
    let all = digest(&all.into_iter().flatten().collect::<Vec<u8>>());
    for at in circle {
        digests[*at] = digest(&[digests[*at], all].concat());
    }
}

fn digest(text: &[u8]) -> Digest {
    let mut digest = Digest::default();
    digest.copy_from_slice(&Sha256::digest(text)[..16]);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{field, named, structs};
    use crate::model::Scalar;

    fn text() -> Type {
        Type::Scalar(Scalar::String)
    }

    #[test]
    fn a_change_is_one_of_all_that_lead_to_it() {
        // 0 leads to the circle of 1, 2 and 3, which leads to 4; 5 stands alone.
        let base = structs(&[&[named(1)], &[named(2)], &[named(3), text()], &[named(1), named(4)], &[text()], &[text(), text()]]);
        let before = base.digests().to_vec();
        for (changed, with) in [(4, vec![0, 1, 2, 3, 4]), (2, vec![0, 1, 2, 3]), (0, vec![0]), (5, vec![5])] {
            let mut types = base.clone();
            if let TypeKind::Struct(fields) = &mut types.get_mut(TypeId(changed)).kind {
                fields.push(field("more", text()));
            }
            let after = types.digests();
            let differ: Vec<usize> = (0..6).filter(|at| before[*at] != after[*at]).collect();
            assert_eq!(differ, with, "a change of {changed}");
        }
        assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), 6, "each is another one");
    }

    /// What takes the same values has the same digest, however it is spread over types.
    #[test]
    fn how_a_circle_is_written_does_not_count() {
        let one = structs(&[&[text(), named(0)]]);
        let two = structs(&[&[text(), named(1)], &[text(), named(0)]]);
        assert_eq!(one.digests()[0], two.digests()[0]);
        assert_eq!(two.digests()[0], two.digests()[1]);
        let other = structs(&[&[text(), named(1)], &[named(0), text()]]);
        assert_ne!(one.digests()[0], other.digests()[0]);
    }

    #[test]
    fn where_a_circle_leads_to_counts() {
        // Of three types in a circle one leads to itself as well.
        let of = |extra: u32| structs(&[&[named(1), named(extra)], &[named(2), text()], &[named(0), named(extra)]]);
        assert_ne!(of(0).digests()[0], of(2).digests()[0]);
    }

    /// Neither the stack nor the time is what all ways through them would take.
    #[test]
    fn long_chains_are_no_danger() {
        let last = 100_000;
        let next: Vec<[Type; 2]> = (0..last).map(|at| [named((at + 1).min(last - 1)), named((at + 2).min(last - 1))]).collect();
        let chain = structs(&next.iter().map(<[Type; 2]>::as_slice).collect::<Vec<_>>());
        assert_eq!(chain.digests().iter().collect::<BTreeSet<_>>().len(), last as usize);
    }
}
