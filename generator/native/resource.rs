//! Resources.

use super::Lowering;
use super::defaults::merged;
use super::endpoint::Endpoint;
use super::node::Node;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::draft::DraftResource;
use crate::model::{Columns, Contract, Path, Resource, Slot, SortOrder, Spanned, Type, WriteDisposition};

impl Lowering<'_> {
    /// Reads the list of resources; each takes over the defaults.
    pub fn resources(&mut self, node: &Node, defaults: &Node) -> Vec<DraftResource> {
        node.items()
            .iter()
            .filter_map(|item| {
                let own = self.normal(item);
                self.check_beside_job(&own);
                self.resource(&merged(defaults, &own))
            })
            .collect()
    }

    fn resource(&mut self, node: &Node) -> Option<DraftResource> {
        let Some(name) = node.get("name").and_then(|name| self.item_name(name, "a resource")) else {
            if node.lacks("name") {
                let missing = Diagnostic::new(Code::MissingKey, node.span, &["a resource", "name"]);
                self.diagnostics.push(missing.help("add it, for example `name: users`"));
            }
            return None;
        };
        let endpoint = node.get("endpoint").cloned().unwrap_or_else(|| Node::map(name.span, Vec::new()));
        let listed = self.listed(node);
        let endpoint = match &listed {
            Some(listed) => Self::lend_endpoint(listed, &endpoint, name.span),
            None => endpoint,
        };
        let (read, job) = match endpoint.get("job") {
            Some(job) => self.job(&endpoint, job, &name).map(|(read, job)| (read, Some(job)))?,
            None => (self.endpoint(&endpoint, &name), None),
        };
        let Endpoint { mut operation, selectors, paging, incremental, decoder } = read;
        operation.description = node.text_of("description");
        let slots: Vec<Slot> = paging.slots().collect();
        let lent = listed.and_then(|listed| self.lend_request(&listed, &mut operation, &slots, &selectors));
        if job.is_none() {
            // To list twice does no harm, whatever the method.
            operation.idempotent = endpoint.boolean_of("idempotent").unwrap_or(true);
        }
        let (incremental, cursor_format, lag) =
            incremental.map_or((None, None, None), |found| (Some(found.incremental), found.format, found.lag));
        let steps = self.steps(node.get("processing_steps"));
        let (columns, contract) = self.contract(node.get("schema_contract"));
        Some(DraftResource {
            resource: Resource {
                operation,
                source: Type::Json,
                steps: Vec::new(),
                selectors,
                decoder,
                paging,
                names_paging: endpoint.get("paginator").is_some(),
                primary_key: names(node.get("primary_key")),
                merge_key: names(node.get("merge_key")),
                write_disposition: disposition(node.get("write_disposition")),
                hard_delete: merging(node, "hard_delete").and_then(Node::spanned),
                dedup_sort: merging(node, "dedup_sort").and_then(dedup_sort),
                validity: names(merging(node, "validity_column_names")),
                incremental,
                job,
                partitions: self.partitions(node.get("partitions")),
                include: Vec::new(),
                fields_param: endpoint.get("fields_param").and_then(Node::spanned),
                contract,
                columns,
                selected: node.boolean_of("selected").unwrap_or(true),
            },
            record: node.get("schema").map(|schema| self.type_of_schema(schema)).or(lent),
            include: names(node.get("include_from_parent")),
            cursor_format,
            lag,
            steps,
        })
    }

    /// What happens to records that are not as their schema says: a word stands for both.
    fn contract(&mut self, node: Option<&Node>) -> (Columns, Contract) {
        let word = |key: &str| node.and_then(|node| node.spanned().or_else(|| node.get(key)?.spanned()));
        let columns = match word("columns").as_ref().map(|word| word.as_str()) {
            Some("freeze") => Columns::Freeze,
            Some("discard_row") => Columns::DiscardRow,
            Some("discard_value") => Columns::DiscardValue,
            _ => Columns::Evolve,
        };
        let data_type = word("data_type");
        let contract = match data_type.as_ref().map(|word| word.as_str()) {
            Some("discard_row") => Contract::DiscardRow,
            Some("discard_value") => Contract::DiscardValue,
            _ => Contract::Freeze,
        };
        if let Some(word) = data_type.filter(|word| *word.value == *"evolve") {
            self.diagnostics.push(Diagnostic::new(Code::EvolvingType, word.span, &[]));
        }
        (columns, contract)
    }

    /// Where records are: the places that are given, or the whole page.
    pub fn selectors(&mut self, node: Option<&Node>, name: &Spanned<String>) -> Vec<Spanned<Path>> {
        let mut selectors: Vec<Spanned<Path>> = Vec::new();
        for item in node.map(Node::one_or_many).unwrap_or_default() {
            let Some(path) = self.path(item) else { continue };
            if selectors.iter().any(|other| other.value == path.value) {
                self.diagnostics.report(Code::DuplicateValue, path.span, &[item.text().unwrap_or_default()]);
            } else {
                selectors.push(path);
            }
        }
        if selectors.is_empty() {
            selectors.push(Spanned::new(Path::default(), name.span));
        }
        selectors
    }
}

/// Texts, one or several.
fn names(node: Option<&Node>) -> Vec<Spanned<String>> {
    node.map(Node::one_or_many).unwrap_or_default().iter().filter_map(Node::spanned).collect()
}

fn disposition(node: Option<&Node>) -> WriteDisposition {
    let Some(node) = node else { return WriteDisposition::Append };
    let strategy = node.get("strategy").and_then(Node::text);
    match (node.text().or_else(|| node.get("disposition").and_then(Node::text)), strategy) {
        (Some("replace"), _) => WriteDisposition::Replace,
        (Some("merge"), Some("upsert")) => WriteDisposition::Upsert,
        (Some("merge"), Some("insert-only")) => WriteDisposition::InsertOnly,
        (Some("merge"), Some("scd2")) => WriteDisposition::Scd2,
        (Some("merge"), _) => WriteDisposition::Merge,
        (Some("skip"), _) => WriteDisposition::Skip,
        _ => WriteDisposition::Append,
    }
}

/// A key of the section `write_disposition`.
fn merging<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    node.get("write_disposition")?.get(key)
}

fn dedup_sort(node: &Node) -> Option<(Spanned<String>, SortOrder)> {
    if let Some(field) = node.spanned() {
        return Some((field, SortOrder::Descending));
    }
    let is_ascending = node.get("order").and_then(Node::text) == Some("asc");
    Some((node.get("field")?.spanned()?, if is_ascending { SortOrder::Ascending } else { SortOrder::Descending }))
}
