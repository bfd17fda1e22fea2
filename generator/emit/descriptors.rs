//! Descriptors of operations: the static tables that the runtime executes.
//!
//! What a descriptor shares with the plainest one of its kind is left out.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::conduct::Conducts;
use super::imports::Imports;
use super::literals::{each_pair, number, text, texts};
use super::{bodies, incrementals, paging};
use crate::model::{
    Body, Columns, Contract, Decoder, Encoding, Joints, Location, Method, Operation, Paging, Param, ParamStyle, ParamValue,
    PartitionValue, Path, Payload, Segment, Style, Type,
};
use crate::plan::{AskedFields, Cell, List};

/// Writes descriptors, and notes the names they need.
pub(super) struct Descriptors<'a>(pub(super) &'a mut Imports);

impl Descriptors<'_> {
    /// A name of the descriptors.
    pub(super) fn name(&mut self, name: &str) -> TokenStream {
        self.0.rt("descriptor", name)
    }

    /// `Enum::Variant`.
    pub(super) fn variant(&mut self, name: &str, variant: &str) -> TokenStream {
        let (name, variant) = (self.name(name), super::ident(variant));
        quote!(#name::#variant)
    }

    /// A place in a document.
    pub(super) fn path(&mut self, path: &Path) -> TokenStream {
        let segments: Vec<_> = path.0.iter().map(|segment| self.segment(segment)).collect();
        quote!(&[#(#segments),*])
    }

    fn segment(&mut self, segment: &Segment) -> TokenStream {
        match segment {
            Segment::Key(key) => {
                let name = self.name("Key");
                quote!(#name(#key))
            }
            Segment::Index(index) => {
                let (name, index) = (self.name("Index"), number(*index as u64));
                quote!(#name(#index))
            }
        }
    }

    /// A resource.
    pub(super) fn resource(&mut self, list: &List<'_>) -> TokenStream {
        let spec = list.spec;
        let name = self.name("Resource");
        let operation = self.operation(&spec.operation);
        let selectors: Vec<_> = spec.selectors.iter().map(|path| self.path(path)).collect();
        let decoder = self.decoder(list);
        let paging = self.paging(&spec.paging);
        let key = (!spec.primary_key.is_empty()).then(|| {
            let key = texts(spec.primary_key.iter().map(|field| field.as_str()));
            quote!(primary_key: #key,)
        });
        let partitions = self.partitions(list);
        let included = (!spec.include.is_empty()).then(|| {
            let names: Vec<String> = spec.include.iter().map(PartitionValue::name).collect();
            quote!(included: &[#(#names),*],)
        });
        let incremental = spec.incremental.as_ref().map(|incremental| incrementals::incremental(self, spec, incremental));
        let contract = match spec.contract {
            Contract::Freeze => None,
            Contract::DiscardRow => Some("DiscardRow"),
            Contract::DiscardValue => Some("DiscardValue"),
        };
        let contract = contract.map(|contract| {
            let contract = self.variant("Contract", contract);
            quote!(contract: #contract,)
        });
        let columns = match spec.columns {
            Columns::Evolve => None,
            Columns::Freeze => Some("Freeze"),
            Columns::DiscardRow => Some("DiscardRow"),
            Columns::DiscardValue => Some("DiscardValue"),
        };
        let columns = columns.map(|columns| {
            let columns = self.variant("Columns", columns);
            quote!(columns: #columns,)
        });
        let steps = (!spec.steps.is_empty()).then(|| {
            let steps = super::steps::steps(self, &spec.steps);
            quote!(steps: Some(&#steps),)
        });
        let asked = list.asked.as_ref().map(|asked| self.asked(asked));
        let fingerprint = &list.fingerprint;
        // With every field given there would be nothing left for the base to say.
        let selected = (!spec.selected).then(|| quote!(selected: false,));
        let is_full = decoder.is_some()
            && key.is_some()
            && partitions.is_some()
            && included.is_some()
            && incremental.is_some()
            && contract.is_some()
            && asked.is_some()
            && columns.is_some()
            && selected.is_some()
            && steps.is_some();
        let base = (!is_full).then(|| quote!(..#name::LIST));
        quote! {
            #name {
                operation: #operation,
                selectors: &[#(#selectors),*],
                #decoder
                #paging
                #key
                #partitions
                #included
                #incremental
                #contract
                #columns
                #steps
                fingerprint: #fingerprint,
                #asked
                #selected
                #base
            }
        }
    }

    fn asked(&mut self, asked: &AskedFields) -> TokenStream {
        let (name, param) = (self.name("AskedFields"), &asked.param);
        let [always, never] = [&asked.always, &asked.never].map(|names| texts(names.iter().map(String::as_str)));
        quote!(asked: Some(#name::by(#param, #always, #never)),)
    }

    /// The request of an operation.
    pub(super) fn operation(&mut self, spec: &Operation) -> TokenStream {
        let operation = self.name("Operation");
        let (name, path) = (spec.name.as_str(), text(&spec.path));
        let params = (!spec.params.is_empty()).then(|| {
            let params: Vec<_> = spec.params.iter().enumerate().map(|(at, param)| self.param(param, &spec.key_of(at))).collect();
            quote!(.params(&[#(#params),*]))
        });
        let headers = Self::headers(spec);
        let body = self.body(&spec.body);
        // The runtime does not know which of other methods may be repeated.
        let (request, is_usually) = match &spec.method {
            Method::Other(sent_as) => (quote!(other(#sent_as, #name, #path)), false),
            method => {
                let constructor = super::ident(&method.as_str().to_ascii_lowercase());
                (quote!(#constructor(#name, #path)), method.is_idempotent())
            }
        };
        let idempotent = spec.idempotent;
        let idempotent = (idempotent != is_usually).then(|| quote!(.idempotent(#idempotent)));
        let auth = (!spec.auth).then(|| quote!(.without_auth()));
        let conduct = Conducts(self.0).operation(spec);
        let packed = spec.packed.map(|packed| {
            let encoding = packed.as_str();
            quote!(.packed(#encoding))
        });
        quote!(#operation::#request #params #headers #body #auth #idempotent #packed #conduct)
    }

    fn headers(spec: &Operation) -> Option<TokenStream> {
        let mut headers = each_pair(&spec.headers);
        // The client asks for JSON unless it is told otherwise.
        if spec.answer != Payload::Json && !spec.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept")) {
            headers.push(quote!(("accept", "*/*")));
        }
        (!headers.is_empty()).then(|| quote!(.headers(&[#(#headers),*])))
    }

    fn body(&mut self, body: &Body) -> Option<TokenStream> {
        match body {
            Body::Form => None,
            Body::Json(document) => {
                let document = bodies::json(self.0, document);
                Some(quote!(.json(&#document)))
            }
            Body::Given(given) => {
                let media_type = given.media_type.as_str();
                Some(match &given.encoding {
                    Encoding::Json | Encoding::Text | Encoding::Bytes => quote!(.given(#media_type)),
                    Encoding::Form => {
                        let form = self.0.rt("form", "Form");
                        quote!(.rendered(#media_type, &#form))
                    }
                    Encoding::Multipart { files } => {
                        let (multipart, files) = (self.0.rt("multipart", "Multipart"), texts(files.iter().map(String::as_str)));
                        quote!(.rendered(#media_type, &#multipart { files: #files }))
                    }
                })
            }
        }
    }

    fn param(&mut self, param: &Param, key: &str) -> TokenStream {
        let (name, text) = (self.name("Param"), param.name.as_str());
        let location = match param.location {
            Location::Path => "path",
            Location::Query => "query",
            Location::Header => "header",
            Location::Cookie => "cookie",
            Location::Body => "body",
        };
        let (value, required) = match &param.value {
            ParamValue::Fixed(value) => (Some(value), false),
            ParamValue::Argument { required, default, .. } => (default.as_ref(), *required && param.location != Location::Path),
        };
        let location = super::ident(location);
        let rest = match value.map(super::literals::text) {
            Some(value) => quote!(.value(#value)),
            None if required => quote!(.required()),
            None => TokenStream::new(),
        };
        let key = (key != text).then(|| quote!(.key(#key)));
        let style = self.style(param);
        quote!(#name::#location(#text) #key #style #rest)
    }

    /// How the value of a parameter is written; nothing for one that is sent as it is.
    fn style(&mut self, param: &Param) -> Option<TokenStream> {
        let ParamValue::Argument { ty, .. } = &param.value else { return None };
        match &param.style {
            ParamStyle::Plain | ParamStyle::Repeated | ParamStyle::Json => None,
            ParamStyle::Joined(Joints { between, .. }) if matches!(ty, Type::Array(_)) => Some(quote!(.joined(#between))),
            ParamStyle::Joined(Joints { within, between }) => {
                let flat = self.0.rt("form", "Flat");
                Some(quote!(.spread(&#flat).paired(#within, #between)))
            }
            ParamStyle::Brackets => {
                let brackets = self.0.rt("form", "Brackets");
                Some(quote!(.spread(&#brackets)))
            }
            ParamStyle::Members => {
                let members = self.0.rt("form", "Members");
                Some(quote!(.spread(&#members)))
            }
        }
    }

    /// What the records of a page are written as; nothing for a JSON document. That of a job is about its files.
    fn decoder(&mut self, list: &List<'_>) -> Option<TokenStream> {
        if list.spec.job.is_some() {
            return None;
        }
        let rows = self.rows(list)?;
        Some(quote!(decoder: Some(#rows),))
    }

    /// What finds the records; nothing for a JSON document.
    pub(super) fn rows(&mut self, list: &List<'_>) -> Option<TokenStream> {
        let csv = match &*list.spec.decoder {
            Decoder::Json => return None,
            Decoder::Ndjson => {
                let ndjson = self.0.rt("ndjson", "NDJSON");
                return Some(quote!(&#ndjson));
            }
            Decoder::Csv(csv) => csv,
        };
        let name = self.0.rt("csv", "Csv");
        let sign = |name, sign, usual| {
            let (name, byte) = (super::ident(name), Literal::byte_character(sign));
            (sign != usual).then(|| quote!(.#name(#byte)))
        };
        let (separator, quote) = (sign("separator", csv.separator, b','), sign("quote", csv.quote, b'"'));
        let columns = (!csv.columns.is_empty()).then(|| {
            let columns = texts(csv.columns.iter().map(|column| column.as_str()));
            quote!(.columns(#columns))
        });
        let fields = (!list.cells.is_empty()).then(|| {
            let fields: Vec<_> = list.cells.iter().map(|cell| self.cell(cell)).collect();
            quote!(.fields(&[#(#fields),*]))
        });
        Some(quote!(&#name::HEADED #separator #quote #columns #fields))
    }

    fn cell(&mut self, cell: &Cell) -> TokenStream {
        let (name, column, kind) = (self.0.rt("csv", "Cell"), &cell.column, super::ident(cell.kind));
        quote!((#column, #name::#kind))
    }

    /// How a list pages; nothing for a list of one page.
    fn paging(&mut self, spec: &Paging) -> Option<TokenStream> {
        if matches!(spec.style, Style::Single) && spec.size.is_none() {
            return None;
        }
        let paging = paging::paging(self, spec);
        Some(quote!(paging: #paging,))
    }
}
