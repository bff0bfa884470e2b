import { html } from "hono/html";
import type { Usage } from "../../../../shared/usage.ts";
import { count, dollars, duration } from "../amounts.ts";
import type { Html } from "../layout.ts";

/** Usage in numbers, a row for each key: the same as the plots, for who reads and does not look. */
export function table(key: string, rows: readonly Usage[]): Html {
  return html`<div class="panel" tabindex="0" role="region" aria-label="Usage: ${key}"><table class="usage">
    <thead><tr><th scope="col">${key}</th><th scope="col" class="number">Cost</th>
      <th scope="col" class="number">Turns</th><th scope="col" class="number wide">Failed</th>
      <th scope="col" class="number">Tokens in</th><th scope="col" class="number wide">Cached</th>
      <th scope="col" class="number">Out</th><th scope="col" class="number wide">p50</th>
      <th scope="col" class="number wide">p95</th></tr></thead>
    <tbody>${rows.map((row) => usageRow(row))}</tbody>
  </table></div>`;
}

function usageRow(row: Usage): Html {
  const { key, completed, failed, inputTokens, cachedTokens, outputTokens, costUsd, unpriced, latencyMs } = row;
  return html`<tr><th scope="row" class="wrap">${key}</th>
    <td class="number">${dollars(costUsd, unpriced)}</td>
    <td class="number">${count(completed)}</td>
    <td class="number wide">${count(failed)}</td>
    <td class="number">${count(inputTokens)}</td>
    <td class="number wide">${count(cachedTokens)}</td>
    <td class="number">${count(outputTokens)}</td>
    <td class="number wide">${latencyMs ? duration(latencyMs.p50) : ""}</td>
    <td class="number wide">${latencyMs ? duration(latencyMs.p95) : ""}</td></tr>`;
}
