// board.js - asks the gateway, shows what it says. No build step; Chromium 86.
"use strict";

const LOOK_MS = 5000, SOON_MS = 2000, AGAIN_MS = 3000, EVENTS = 30, TIMEOUT_MS = 10000;

const WORDS = {
  // whistles
  draft: "草稿", awaiting_approval: "待审批", issued: "已吹哨",
  conference: "会商中", closed: "办结", rejected: "退回", cancelled: "取消",
  // issues
  received: "待受理", needs_info: "待补充", declined: "不受理",
  merged: "已合并", accepted: "已受理", deliberating: "协商中",
  decided: "已议定", answered: "直接答复", whistled: "已吹哨",
  matching: "匹配中", self_governed: "居民自治", handled: "已办理",
  callback: "回访中", reopened: "重办", voided: "作废",
  // lanes
  assigned: "待签收", signed: "已签收", contacted: "已联系",
  arrived: "已到场", working: "办理中", reported: "已回告", rework: "返工",
  reassigned: "已改派", excused: "已免办",
  // stages
  sign: "签收", contact: "联系", arrive: "到场", resolve: "办结",
  accept: "验收", rule: "裁定",
  fence: "围护", repair: "修复", reinstate: "恢复",
  // lights
  red: "红灯", yellow: "黄灯", green: "绿灯",
  // bands
  too_few: "偏少", in_band: "适中", too_many: "偏多",
  // things and what happens to them
  issue: "诉求", whistle: "哨", task: "任务", match: "匹配", need: "需求",
  offer: "资源", partner: "合伙人", ledger: "金豆", office: "部门",
  raised: "提出", refused: "被拒绝", published: "发布", proposed: "推荐",
  delivered: "完成服务", rated: "评价", posted: "入账", serving: "服务中",
};

const $ = (id) => document.getElementById(id);
let token = sessionStorage.getItem("token") || "";
let stream = null, timer = 0, soon = 0;
let names = {};  // of offices and streets, by code

// ---- making elements ----

function make(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {}))
    e.setAttribute(key, value);
  e.append(...children);
  return e;
}
// Chinese first, the English word beside it.
function word(code) {
  const f = document.createDocumentFragment();
  const english = make("span", { lang: "en" }, code.replace(/_/g, " "));
  if (WORDS[code]) f.append(WORDS[code] + " ");
  f.append(english);
  return f;
}
function both(chinese, english) {
  const f = document.createDocumentFragment();
  f.append(chinese + " ", make("span", { lang: "en" }, english));
  return f;
}
function named(code) {
  return names[code] ? both(names[code], code) : code;
}
function row(cells) {
  const tr = make("tr");
  for (const [content, style] of cells)
    tr.append(make("td", style ? { class: style } : {}, content));
  return tr;
}
function emptyRow(columns, chinese, english) {
  return make("tr", {}, make("td", { colspan: columns, class: "empty" },
                             both(chinese, english)));
}
// Times are UTC on the wire; people's time is +08:00 everywhere.
function shanghai(iso, withDate) {
  const t = new Date(new Date(iso).getTime() + 8 * 3600e3).toISOString();
  return withDate ? t.slice(5, 16).replace("T", " ") : t.slice(11, 19);
}
function link(state, chinese, english) {
  $("link").dataset.state = state;
  $("link").replaceChildren(both(chinese, english));
}

// ---- asking ----

class Refused extends Error {
  constructor(status) { super("status " + status); this.status = status; }
}

async function ask(path) {
  const control = new AbortController();
  const late = setTimeout(() => control.abort(), TIMEOUT_MS);
  try {
    const answer = await fetch(path, {
      headers: { Authorization: "Bearer " + token }, signal: control.signal,
    });
    if (!answer.ok) throw new Refused(answer.status);
    return await answer.json();
  } finally {
    clearTimeout(late);
  }
}

// ---- showing ----

function showCounts(id, counts) {
  const items = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  $(id).replaceChildren(...items.map(([state, n]) => make("div", {},
    make("dt", {}, word(state)), make("dd", {}, n.toLocaleString("en")))));
  if (!items.length)
    $(id).replaceChildren(make("div", { class: "empty" },
                               make("dt", {}, both("还没有", "none yet"))));
}

function showSummary(s) {
  names = s.names || {};
  $("time").textContent = shanghai(s.at, true) + " (+08:00)";
  $("time").dateTime = s.at;
  showCounts("whistles", s.whistles);
  showCounts("issues", s.issues);
  $("lights").replaceChildren(...["red", "yellow", "green"].map((light) =>
    make("li", { class: light },
         make("b", {}, (s.lanes[light] || 0).toLocaleString("en")),
         word(light))));
  // Dues that are empty until the calendar grows: never a guess.
  $("gaps").replaceChildren(...(s.gaps || []).map((g) => make("p", {}, both(
    "日历缺 " + g.gap + ":" + g.lanes + " 项任务到期待定(如 " + g.one_of + ")",
    "the calendar has no " + g.gap + ": " + g.lanes + " lanes wait for it"))));
}

function showLanes(pages) {
  const lanes = pages.flatMap((page) => page.items)
    .sort((a, b) => a.due < b.due ? -1 : 1).slice(0, 20);
  $("lanes").replaceChildren(...lanes.map((lane) => row([
    [make("span", { class: lane.light }, word(lane.light))],
    [lane.number], [named(lane.office)], [word(lane.state)],
    [word(lane.stage)],
    [shanghai(lane.due, true)],
  ])));
  if (!lanes.length)
    $("lanes").append(emptyRow(6, "没有将到期的任务,很好",
                               "nothing is late, all is well"));
}

// Lanes that nobody holds: each waits at its office's desk.
function showDesk(page) {
  $("desk").replaceChildren(...page.items.map((lane) => row([
    [lane.number], [named(lane.office)], [word(lane.state)],
    [shanghai(lane.start, true)],
  ])));
  if (!page.items.length)
    $("desk").append(emptyRow(4, "每件都有人承办", "everything is held"));
}

// Suspended lanes, the first to come back first.
function showAside(page) {
  const lanes = page.items.sort((a, b) => a.review < b.review ? -1 : 1);
  $("aside").replaceChildren(...lanes.map((lane) => row([
    [lane.number], [named(lane.office)], [word(lane.state)],
    [shanghai(lane.review, true).slice(0, 5)],
  ])));
  if (!lanes.length)
    $("aside").append(emptyRow(4, "没有挂账", "nothing is put aside"));
}

function showRates(page) {
  $("rates").replaceChildren(...page.items.map((r) => row([
    [named(r.street)], [String(r.issued), "number"], [String(r.received), "number"],
    [r.percent === null ? "—" : r.percent.toFixed(2) + " %", "number"],
    [r.band ? word(r.band) : "—", r.band === "in_band" ? "" : "bad"],
  ])));
  if (!page.items.length)
    $("rates").append(emptyRow(5, "本月还没有", "none yet this month"));
}

function showQueues(q) {
  $("queues").replaceChildren(...q.items.map((p) => row([
    [p.topic], [String(p.partition)],
    [p.lag === null ? "?" : p.lag.toLocaleString("en"),
     "number" + (p.lag_seconds > 30 ? " bad" : "")],
    [p.lag_seconds === null ? "?" : String(p.lag_seconds),
     "number" + (p.lag_seconds > 30 ? " bad" : "")],
    [p.messages.toLocaleString("en"), "number"],
    [p.refused.toLocaleString("en"), "number"],
    [p.dead_letters.toLocaleString("en"),
     "number" + (p.dead_letters > 0 ? " bad" : "")],
    [p.paused || p.draining
      ? both("已暂停:" + p.paused_by + " " + shanghai(p.paused_since),
             "paused by " + p.paused_by + ": " + p.paused_why)
      : p.owner || "—"],
  ])));
  $("queues-note").textContent = "";
  if (!q.items.length)
    $("queues").append(emptyRow(8, "还没有工作进程来过",
                                "no worker has been here yet"));
}

async function lookAtQueues() {
  try {
    showQueues(await ask("/v1/queues"));
  } catch (e) {
    if (e.status !== 403) throw e;
    $("queues-note").replaceChildren(both(
      "队列只给区级、审计和运维看。",
      "Queues are for the district, auditors and operators."));
  }
}

async function look() {
  clearTimeout(timer);
  clearTimeout(soon);
  soon = 0;
  try {
    const [summary, desk, aside, rates, ...lanes] = await Promise.all([
      ask("/v1/summary"),
      ask("/v1/tasks?open=true&limit=20&holder=desk"),
      ask("/v1/tasks?open=true&limit=20&hold=suspended"),
      ask("/v1/whistle-rates"),
      ask("/v1/tasks?open=true&limit=100&light=red"),
      ask("/v1/tasks?open=true&limit=100&light=yellow"),
    ]);
    showSummary(summary);
    showLanes(lanes);
    showDesk(desk);
    showAside(aside);
    showRates(rates);
    await lookAtQueues();
    link("good", "已连接", "connected");
  } catch (e) {
    if (e.status === 401) return leave(true);
    link("bad", "连不上网关,正在重试", "the gateway is away, trying again");
  }
  if (token) timer = setTimeout(look, LOOK_MS);
}

// ---- events ----

function showEvent(event) {
  const [thing, fact] = event.type.split(".");
  const item = make("li", { class: "new" },
    make("time", {}, shanghai(new Date().toISOString())),
    make("span", {}, (WORDS[thing] || thing) + (WORDS[fact] || "") + " ",
         make("span", { lang: "en" }, event.type)),
    make("code", {}, (event.subject || "").slice(-6)));
  const list = $("events");
  for (const old of list.querySelectorAll(".empty")) old.remove();
  list.prepend(item);
  while (list.children.length > EVENTS) list.lastChild.remove();
  // What it changed is looked at once, not for every event of a storm.
  if (!soon) soon = setTimeout(look, SOON_MS);
}

function takeBlock(block) {
  const data = block.split("\n").filter((l) => l.startsWith("data:"));
  if (data.length) showEvent(JSON.parse(data.map((l) => l.slice(5)).join("")));
}

// EventSource cannot send a token; a stream of fetch can.
async function listen() {
  const mine = stream = new AbortController();
  while (token && stream === mine) {
    try {
      const answer = await fetch("/v1/events", {
        headers: { Authorization: "Bearer " + token }, signal: mine.signal,
      });
      if (!answer.ok) throw new Refused(answer.status);
      const reader = answer.body.getReader(), decoder = new TextDecoder();
      let text = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        const blocks = (text + decoder.decode(value, { stream: true }))
          .split("\n\n");
        text = blocks.pop();
        blocks.forEach(takeBlock);
      }
    } catch (e) {
      if (e.status === 401) return;
    }
    await new Promise((again) => setTimeout(again, AGAIN_MS));
  }
}

// ---- coming and going ----

function enter() {
  $("entry").hidden = true;
  $("board").hidden = false;
  $("leave").hidden = false;
  $("events").replaceChildren(make("li", { class: "empty" },
    both("等待新的事件", "waiting for what happens next")));
  look();
  listen();
}

function leave(refused) {
  token = "";
  sessionStorage.removeItem("token");
  clearTimeout(timer);
  clearTimeout(soon);
  if (stream) stream.abort();
  stream = null;
  $("board").hidden = true;
  $("leave").hidden = true;
  $("entry").hidden = false;
  $("refused").textContent = refused
    ? "令牌无效或已过期,请向运维再要一个 / unknown or expired: ask an operator"
    : "";
  link("wait", "未登录", "signed out");
  $("token").focus();
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  token = $("token").value.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) return leave(true);
  $("token").value = "";
  sessionStorage.setItem("token", token);
  enter();
});
$("leave").addEventListener("click", () => leave(false));

if (token) enter();
else leave(false);
