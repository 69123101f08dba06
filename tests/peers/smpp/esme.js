// An ESME made of node-smpp. One line of JSON on stdin says what to do:
//   port, system_id, password
//   messages: [submit_sm's fields, …]; short_message.udh is hexadecimal
//   window: how many may be unanswered at once
//   receipts: how many final receipts to wait for, patience_ms at most
// It prints one line of JSON: {"bind": status, "statuses": {status: count}, "ids": […], "receipts": [{…}, …]}.
'use strict';
const readline = require('readline');
const smpp = require('smpp');

function run(job) {
  const told = { bind: null, statuses: {}, ids: [], receipts: [], enquiries: 0 };
  const session = smpp.connect({ host: '127.0.0.1', port: job.port });
  let next = 0;
  let answered = 0;
  let ended = false;

  function end() {
    if (ended) return;
    ended = true;
    // a pipe is written to in pieces: whoever exits at once loses the last of them
    process.stdout.write(`${JSON.stringify(told)}\n`, () => session.unbind(() => process.exit(0)));
  }

  function endIfComplete() {
    if (answered === job.messages.length && told.receipts.length >= job.receipts) end();
  }

  function submit() {
    if (next === job.messages.length) return;
    const at = next;
    next += 1;
    const fields = job.messages[at];
    const { udh } = fields.short_message;
    const text = udh ? { ...fields.short_message, udh: Buffer.from(udh, 'hex') } : fields.short_message;
    session.submit_sm({ ...fields, short_message: text }, (pdu) => {
      told.statuses[pdu.command_status] = (told.statuses[pdu.command_status] || 0) + 1;
      told.ids[at] = pdu.message_id;
      answered += 1;
      submit();
      endIfComplete();
    });
  }

  session.on('error', (problem) => { process.stderr.write(`${problem.message}\n`); process.exit(1); });
  session.on('enquire_link', (pdu) => { told.enquiries += 1; session.send(pdu.response()); });
  session.on('deliver_sm', (pdu) => {
    session.send(pdu.response());
    told.receipts.push({
      id: pdu.receipted_message_id, state: pdu.message_state, esm_class: pdu.esm_class, from: pdu.source_addr,
      to: pdu.destination_addr, text: pdu.short_message.message, reference: pdu.user_message_reference,
    });
    endIfComplete();
  });
  session.on('connect', () => session.bind_transceiver({ system_id: job.system_id, password: job.password }, (pdu) => {
    told.bind = pdu.command_status;
    if (pdu.command_status) end();
    for (let n = 0; n < job.window; n += 1) submit();
  }));
  setTimeout(end, job.patience_ms);
}

readline.createInterface({ input: process.stdin }).once('line', (line) => run(JSON.parse(line)));
