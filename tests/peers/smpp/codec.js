// node-smpp's codec on its own. Each line of JSON on stdin is one PDU, each line on stdout the other form of it:
//   {"command": name, "fields": {…}} becomes {"hex": "…"}, and the other way round
'use strict';
const readline = require('readline');
const { PDU } = require('smpp');

function octets(fields) {
  const { udh } = fields.short_message || {};
  return udh ? { ...fields, short_message: { ...fields.short_message, udh: Buffer.from(udh, 'hex') } } : fields;
}

function plain(key, value) {
  return value && value.type === 'Buffer' ? Buffer.from(value.data).toString('hex') : value;
}

function other(asked) {
  if (asked.hex === undefined) return { hex: new PDU(asked.command, octets(asked.fields)).toBuffer().toString('hex') };
  const { command, ...fields } = PDU.fromBuffer(Buffer.from(asked.hex, 'hex'));
  return { command, fields };
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(`${JSON.stringify(other(JSON.parse(line)), plain)}\n`);
});
