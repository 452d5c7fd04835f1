/**
 * The markup that shows an explorer on another site, as it is set now.
 * @param {string} page the way to the explorer's own page
 * @param {string} title
 * @param {import("./url-state.js").UrlState} state
 * @param {number} height of the explorer as it stands here, in px
 */
export function iframe(page, title, state, height) {
  const url = new URL(page, location.href);
  const first = state.prefix.replace(/\d+$/, ""); // on a page of its own it is the first of its kind
  for (const [key, value] of state.address(true).searchParams) {
    if (key.startsWith(`${state.prefix}.`)) url.searchParams.set(`${first}${key.slice(state.prefix.length)}`, value);
  }
  const room = Math.ceil((height + 60) / 10) * 10; // the line that says where it is from
  const source = url.href.replaceAll("&", "&amp;");
  return `<iframe src="${source}" title="${title}" width="100%" height="${room}" style="border:0" loading="lazy"></iframe>`;
}
