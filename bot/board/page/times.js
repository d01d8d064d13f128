// Times as the field reads them. The server says what time it is: a wall's own clock may be wrong.
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
const DATE = { year: "numeric", month: "long", day: "numeric", weekday: "long" };
const ZONE = { timeZone: "Asia/Shanghai" };
let ahead = 0;

export function setNow(milliseconds) {
  ahead = milliseconds - Date.now();
}

export function now() {
  return Date.now() + ahead;
}

export function clock(at) {
  return new Date(at).toLocaleTimeString("zh-CN", { ...CLOCK, ...ZONE });
}

// The time of day; of another day than today with its date: 07-03 03:05.
export function minuteClock(at) {
  const time = clock(at).slice(0, 5);
  return date(at) === date(now()) ? time : `${monthAndDay(at)} ${time}`;
}

function monthAndDay(at) {
  const day = { month: "2-digit", day: "2-digit" };
  return new Date(at).toLocaleDateString("zh-CN", { ...day, ...ZONE }).replace("/", "-");
}

export function date(at) {
  return new Date(at).toLocaleDateString("zh-CN", { ...DATE, ...ZONE });
}

// How long ago: 40 秒, 12 分, 3 小时 5 分.
export function since(at) {
  const seconds = Math.max(0, Math.floor((now() - at) / 1000));
  if (seconds < 60) return { zh: `${seconds} 秒`, en: `${seconds} s` };
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return { zh: `${minutes} 分钟`, en: `${minutes} min` };
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours >= 48) {
    const days = Math.floor(hours / 24);
    return { zh: `${days} 天 ${hours % 24} 小时`, en: `${days} d ${hours % 24} h` };
  }
  return { zh: `${hours} 小时 ${rest} 分`, en: `${hours} h ${rest} min` };
}
