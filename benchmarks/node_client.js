// node-smpp's client: `node node_client.js PORT MESSAGES WINDOW TEXT` prints submit_sm a second, each answered.
'use strict';
const smpp = require('smpp');

const [port, messages, window] = process.argv.slice(2, 5).map(Number);
const message = {
  source_addr_ton: 5, source_addr: 'TECHNICO', dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '33600000000',
  short_message: process.argv[5],
};
const session = smpp.connect({ host: '127.0.0.1', port });
let sent = 0;
let answered = 0;
let started;

function submit() {
  if (sent === messages) return;
  sent += 1;
  session.submit_sm(message, () => {
    answered += 1;
    if (answered < messages) { submit(); return; }
    process.stdout.write(`${messages / (Number(process.hrtime.bigint() - started) / 1e9)}\n`);
    session.unbind(() => process.exit(0));
  });
}

session.on('connect', () => session.bind_transceiver({ system_id: 'bench', password: 'FAKEpw01' }, () => {
  started = process.hrtime.bigint();
  for (let n = 0; n < window; n += 1) submit();
}));
