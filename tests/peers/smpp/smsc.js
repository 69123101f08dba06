// A short message service centre made of node-smpp. One line of JSON on stdin says how it behaves:
//   port, system_id, password
//   throttle_every: n    every n-th submit_sm is answered ESME_RTHROTTLED, and so are the throttle_burst - 1 after it
//   vendor_every: n      every n-th is answered 0x400
//   unbind_every: n      after every n-th it takes it unbinds us; drop_every: n   it drops the line instead of answering
//   ids: "hex", "uuid", "decimal" or "empty"
//   receipt: "after" or "before" the submit_sm_resp, or "late": when all else has been answered
//   receipt_ids: "same" or "decimal", as receipts write a hex id
//   dates: "short" (YYMMDDhhmm) or "long" (with seconds), in the receipt's text
//   tlvs: whether receipts carry receipted_message_id and message_state; nul: whether the former ends with one
//   echo: whether receipts carry the message's user_message_reference
//   control: a port; whoever posts JSON there, {"from", "to", "text", "times"}, has a phone's message delivered
// It prints one line of JSON for everything that happens, {"ready":true} first, and ends when stdin does.
'use strict';
const crypto = require('crypto');
const http = require('http');
const readline = require('readline');
const smpp = require('smpp');

const DATES = { short: '2511220101', long: '251122010159' };
const IDS = { hex: (n) => n.toString(16), decimal: (n) => String(n), uuid: () => crypto.randomUUID(), empty: () => '' };
const BINDS = ['bind_transceiver', 'bind_transmitter', 'bind_receiver'];
const VENDOR_STATUS = 0x400;
const LATE_MS = 1500;
const hearing = new Set(); // the sessions that may be sent deliver_sm
let taken = 0;
let burst = 0;

function say(event) {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function receipt(pdu, id, rules) {
  const date = DATES[rules.dates];
  const named = rules.receipt_ids === 'decimal' ? String(parseInt(id, 16)) : id;
  const text = `id:${named} sub:001 dlvrd:001 submit date:${date} done date:${date} stat:DELIVRD err:000 text:`;
  const tlvs = rules.tlvs ? { receipted_message_id: named, message_state: 2 } : {};
  const echo = rules.echo ? { user_message_reference: pdu.user_message_reference } : {};
  const back = { source_addr: pdu.destination_addr, destination_addr: pdu.source_addr };
  return { ...back, ...tlvs, ...echo, esm_class: 4, short_message: text };
}

function told(pdu, id) {
  const { message, udh } = pdu.short_message;
  return {
    event: 'submit', id, sender: pdu.source_addr, to: pdu.destination_addr, text: message,
    udh: (udh || []).map((part) => part.toString('hex')), data_coding: pdu.data_coding, esm_class: pdu.esm_class,
    registered_delivery: pdu.registered_delivery, validity: pdu.validity_period || '',
  };
}

function refusal(rules) {
  if (rules.throttle_every && taken % rules.throttle_every === 0) burst = rules.throttle_burst;
  if (burst > 0) {
    burst -= 1;
    return smpp.ESME_RTHROTTLED;
  }
  return rules.vendor_every && taken % rules.vendor_every === 0 ? VENDOR_STATUS : 0;
}

function listener(session) {
  return hearing.has(session) ? session : [...hearing].pop();
}

function take(session, pdu, rules) {
  taken += 1;
  const status = refusal(rules);
  if (status) {
    say({ event: status === VENDOR_STATUS ? 'vendor' : 'throttled', to: pdu.destination_addr });
    session.send(pdu.response({ command_status: status }));
    return;
  }
  const id = IDS[rules.ids](taken);
  say(told(pdu, id));
  if (rules.drop_every && taken % rules.drop_every === 0) {
    say({ event: 'dropped' });
    session.destroy();
    return;
  }
  const answer = () => session.send(pdu.response({ message_id: id }));
  const deliver = () => (pdu.registered_delivery & 1) && listener(session)?.deliver_sm(receipt(pdu, id, rules),
    (response) => say({ event: 'receipt_taken', id, status: response.command_status }));
  const late = () => setTimeout(deliver, LATE_MS);
  const steps = { before: [deliver, answer], after: [answer, deliver], late: [answer, late] };
  steps[rules.receipt].forEach((step) => step());
  if (rules.unbind_every && taken % rules.unbind_every === 0) {
    session.unbind(() => { say({ event: 'left' }); session.close(); });
  }
}

function bind(session, pdu, rules) {
  const right = pdu.system_id === rules.system_id && pdu.password === rules.password;
  say({ event: right ? 'bound' : 'refused', system_id: pdu.system_id, how: pdu.command });
  session.send(pdu.response(right ? { system_id: 'NODE' } : { command_status: smpp.ESME_RINVPASWD }));
  if (!right) session.close();
  else if (pdu.command !== 'bind_transmitter') hearing.add(session);
}

function fromPhone({ from, to, text, times }) {
  for (let n = 0; n < times; n += 1) {
    [...hearing].pop().deliver_sm({ source_addr: from, destination_addr: to, short_message: text },
      (response) => say({ event: 'heard', status: response.command_status }));
  }
}

function control(request, response) {
  let body = '';
  request.on('data', (more) => { body += more; });
  request.on('end', () => { fromPhone(JSON.parse(body)); response.end(); });
}

function serve(rules) {
  if (!rules.nul) smpp.tlvs.receipted_message_id.type = smpp.types.tlv.string;
  const server = smpp.createServer((session) => {
    session.on('error', (problem) => say({ event: 'error', problem: problem.message }));
    session.on('close', () => { hearing.delete(session); say({ event: 'closed' }); });
    BINDS.forEach((command) => session.on(command, (pdu) => bind(session, pdu, rules)));
    session.on('enquire_link', (pdu) => { say({ event: 'enquire_link' }); session.send(pdu.response()); });
    session.on('submit_sm', (pdu) => take(session, pdu, rules));
    session.on('unbind', (pdu) => { say({ event: 'unbind' }); session.send(pdu.response()); session.close(); });
    session.on('unknown', (pdu) => session.send(pdu.response()));
  });
  http.createServer(control).listen(rules.control, '127.0.0.1', () => {
    server.listen(rules.port, '127.0.0.1', () => say({ ready: true, port: server.address().port }));
  });
}

const input = readline.createInterface({ input: process.stdin });
input.once('line', (line) => serve(JSON.parse(line)));
input.once('close', () => process.exit(0));
