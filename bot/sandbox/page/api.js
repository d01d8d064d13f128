// The sandbox's control interface: what people do, what chats hold.

async function answer(response) {
  const body = await response.json();
  if (!body.ok) throw new Error(body.description);
  return body.result;
}

const asQuery = (facts) => new URLSearchParams(
  Object.entries(facts).filter(([, value]) => value !== undefined));

export async function get(path, facts = {}) {
  return answer(await fetch(`/sandbox/${path}?${asQuery(facts)}`));
}

/** What a person does: `act("tap", {user_id, ...})`. */
export async function act(action, facts) {
  return answer(await fetch(`/sandbox/people/${action}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(facts),
  }));
}

export async function scene() {
  return (await fetch("/scene")).json();
}

/** Let minutes pass; resolves when everything that falls due has happened. */
export async function forward(minutes) {
  const response = await fetch("/clock", { method: "POST", body: JSON.stringify({ minutes }) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/** Let something happen: `happen("hotspot")`; resolves to the clock's new time. */
export async function happen(what) {
  const response = await fetch("/happen", { method: "POST", body: JSON.stringify({ what }) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/** The visitor has this person's phone in hand: nothing happens on it by itself. */
export async function takeUp(userId) {
  await fetch("/take-up", { method: "POST", body: JSON.stringify({ user_id: userId }) });
}

/** Nobody holds this person's phone any more: a scripted one acts again. */
export async function putAway(userId) {
  await fetch("/put-away", { method: "POST", body: JSON.stringify({ user_id: userId }) });
}

async function shown(response) {
  const body = await response.json();
  if (!response.ok) throw new Error(body.error);
  return body;
}

/** What is to be seen on the telephone with this number. */
export async function telephone(number) {
  return shown(await fetch(`/telephone?${asQuery({ number })}`));
}

/** Do something with it: `useTelephone("+86…", "press", {key: "1"})`; resolves to what it shows. */
export async function useTelephone(number, deed, facts = {}) {
  const body = JSON.stringify({ ...facts, number, do: deed });
  return shown(await fetch("/telephone", { method: "POST", body }));
}

export const fileUrl = (fileId) => `/sandbox/file?${asQuery({ file_id: fileId })}`;

/** The bytes of a file as base64, as the control interface takes them. */
export function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
