//! The steps of set-up for an administrator elsewhere: what to click in the portal, and what to run in PowerShell.
//!
//! It makes the same things as `Setup::make`, in the same order, once: it does not look for what is there already.
//! Deliberately absent: secrets.

use super::{MANUFACTURER, MODEL, request};
use crate::{
    graph::permissions::{SETUP, Uses, least},
    model::TaskDefinitionId,
};

/// Whom the steps are for.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// Directory id or domain.
    pub tenant: &'a str,
    /// Application id.
    pub client_id: &'a str,
    /// Graph's origin.
    pub graph: &'a str,
    /// What the configuration makes of the cloud.
    pub uses: Uses,
}

/// The queue that they make.
#[derive(Clone, Debug)]
pub struct Queue<'a> {
    /// Its name, as people see it.
    pub name: &'a str,
    /// Its table in the configuration.
    pub table: &'a str,
    /// The groups that may print to it; none: everybody.
    pub groups: &'a [String],
    /// The paper that people get who choose none; absent: to be filled in.
    pub paper: Option<&'a str>,
}

/// The steps, as text with a PowerShell part.
///
/// # Errors
///
/// A sentence, if the printer's signing request can not be made.
pub fn script(
    place: &Place<'_>,
    queue: &Queue<'_>,
    definition: Option<&TaskDefinitionId>,
) -> Result<String, String> {
    let signed = request::new(queue.name)?;
    let quoted = |text: &str| {
        // PowerShell takes the curly ones for single quotation marks as well.
        let doubled = |c: char| match c {
            '\'' | '\u{2018}'..='\u{201b}' => format!("{c}{c}"),
            other => other.to_string(),
        };
        format!("'{}'", text.chars().map(doubled).collect::<String>())
    };
    let definition = definition.map_or("PASTE-THE-DEFINITION-ID", TaskDefinitionId::as_str);
    let environment = match place.graph {
        "https://graph.microsoft.us" => " -Environment USGov",
        "https://dod-graph.microsoft.us" => " -Environment USGovDoD",
        _ => "",
    };
    let name: String = queue.name.chars().filter(|c| !c.is_control()).collect();
    let allow = |group: &String| {
        format!(
            "Invoke-MgGraphRequest -Method POST \"$graph/print/shares/$($share.id)/allowedGroups/`$ref\" -Body (@{{ '@odata.id' = \"$graph/groups/{group}\" }} | ConvertTo-Json) -ContentType application/json\n"
        )
    };
    let groups: String = queue.groups.iter().map(allow).collect();
    let everybody = if queue.groups.is_empty() { "$true" } else { "$false" };
    let paper = queue.paper.unwrap_or("WRITE-THE-PAPER-HERE");
    let application = least(place.uses).join("\n#      ");
    let scopes = SETUP.join("','");
    Ok(format!(
        "# Set-up of the pull-print queue {name}, for a Printer Administrator.
#
# 1. In the portal, application {client_id}:
#    - Authentication: add the platform \"Mobile and desktop applications\" with the redirect URI http://localhost
#    - API permissions, Microsoft Graph, application permissions; then grant admin consent:
#      {application}
#    - API permissions, Microsoft Graph, delegated permissions; then grant admin consent:
#      {delegated}
# 2. Where pullprint is, once these are granted: `pullprint setup --print-script` names the task definition below.
# 3. Run this in PowerShell with the module Microsoft.Graph.Authentication:

Connect-MgGraph{environment} -TenantId {tenant} -ClientId {client} -Scopes '{scopes}'
$graph = '{graph}/v1.0'
$definition = '{definition}'

$body = @{{
  displayName = {quoted_name}; manufacturer = '{MANUFACTURER}'; model = '{MODEL}'
  hasPhysicalDevice = $false; physicalDeviceId = $null; connectorId = $null
  certificateSigningRequest = @{{
    content = '{request}'
    transportKey = '{key}'
  }}
}}
$sent = Invoke-MgGraphRequest -Method POST \"$graph/print/printers/create\" -Body ($body | ConvertTo-Json -Depth 5) -ContentType application/json -ResponseHeadersVariable headers
$operation = ($headers['Operation-Location'] | Select-Object -First 1).Split('/')[-1]
do {{
  Start-Sleep -Seconds 5
  $state = Invoke-MgGraphRequest -Method GET \"$graph/print/operations/$operation\"
}} while ($state.status.state -in 'notStarted', 'running')
if ($state.status.state -ne 'succeeded') {{ throw \"the registration ended as $($state.status.state)\" }}
$printer = $state.printer.id

$body = @{{ displayName = {quoted_name}; allowAllUsers = {everybody}; 'printer@odata.bind' = \"$graph/print/printers/$printer\" }}
$share = Invoke-MgGraphRequest -Method POST \"$graph/print/shares\" -Body ($body | ConvertTo-Json) -ContentType application/json
{groups}
$body = @{{ event = 'jobStarted'; 'definition@odata.bind' = \"$graph/print/taskDefinitions/$definition\" }}
Invoke-MgGraphRequest -Method POST \"$graph/print/printers/$printer/taskTriggers\" -Body ($body | ConvertTo-Json) -ContentType application/json

# 4. Paste into pullprint's configuration:
\"[cloud]\"
\"task_definition = `\"$definition`\"\"
\"[queues.{table}]\"
\"source_printer = `\"$printer`\"\"
\"offer = `\"union`\"\"
\"default_paper = `\"{paper}`\"\"
",
        client_id = place.client_id,
        delegated = SETUP.join("\n#      "),
        tenant = quoted(place.tenant),
        client = quoted(place.client_id),
        graph = place.graph,
        quoted_name = quoted(&name),
        table = queue.table,
        request = signed.request,
        key = signed.transport_key,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_quote_stays_one_text_and_all_permissions_are_named() {
        let place = Place {
            tenant: "contoso.example",
            client_id: "app",
            graph: "https://graph.microsoft.us",
            uses: Uses { redirects: true, offers: true, directory: false },
        };
        let text = script(
            &place,
            &Queue { name: "Ada's\nqueue", table: "ada", groups: &["g-1".to_owned()], paper: None },
            None,
        )
        .unwrap();
        assert!(text.contains("displayName = 'Ada''squeue'"), "{text}");
        for word in [
            "PrintJob.Manage.All",
            "Printer.Create",
            "-Environment USGov",
            "PASTE-THE",
            "/groups/g-1",
            "allowAllUsers = $false",
        ] {
            assert!(text.contains(word), "{word}");
        }
    }
}
