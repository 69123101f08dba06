# A short message service centre made of Net::SMPP, for one ESME at a time. One line of JSON on stdin says how it is
# reached: port, system_id, password. It prints {"ready":true} first, then one line of JSON for everything that
# happens; its ids are decimal, its receipts carry TLVs. It ends when it is told to, or after
# five minutes at the latest.
use strict;
use warnings;
use JSON::PP;
use Net::SMPP;

$| = 1;
alarm 300;
$SIG{PIPE} = 'IGNORE';
my $json  = JSON::PP->new->canonical;
my $rules = $json->decode(scalar <STDIN>);
my $taken = 0;
my $receipt = 'sub:001 dlvrd:001 submit date:2511220101 done date:2511220101 stat:DELIVRD err:000 text:';

sub say_it { print $json->encode({@_}), "\n"; return }

sub bind_it {
    my ($session, $pdu) = @_;
    my $right = $pdu->{system_id} eq $rules->{system_id} && $pdu->{password} eq $rules->{password};
    say_it(event => $right ? 'bound' : 'refused', system_id => $pdu->{system_id});
    $session->bind_transceiver_resp(seq => $pdu->{seq}, status => $right ? 0 : 0x0e, system_id => 'PERL');
    return $right;
}

sub take {
    my ($session, $pdu) = @_;
    my $id = ++$taken;
    say_it(
        event       => 'submit',
        id          => "$id",
        sender      => $pdu->{source_addr},
        to          => $pdu->{destination_addr},
        octets      => unpack('H*', $pdu->{short_message}),
        data_coding => $pdu->{data_coding},
        esm_class   => $pdu->{esm_class},
    );
    $session->submit_sm_resp(seq => $pdu->{seq}, message_id => $id);
    return if !($pdu->{registered_delivery} & 1);
    $session->deliver_sm(
        async                => 1,
        source_addr          => $pdu->{destination_addr},
        destination_addr     => $pdu->{source_addr},
        esm_class            => 4,
        short_message        => "id:$id $receipt",
        receipted_message_id => "$id\0",
        message_state        => chr 2,
    );
    return;
}

sub serve {
    my ($session) = @_;
    while (my $pdu = $session->read_pdu) {
        my $command = $pdu->{cmd};
        if    ($command == Net::SMPP::CMD_bind_transceiver) { bind_it($session, $pdu) or return }
        elsif ($command == Net::SMPP::CMD_submit_sm)        { take($session, $pdu) }
        elsif ($command == Net::SMPP::CMD_enquire_link)     { $session->enquire_link_resp(seq => $pdu->{seq}) }
        elsif ($command == Net::SMPP::CMD_deliver_sm_resp)  { say_it(event => 'receipt_taken', status => $pdu->{status}) }
        elsif ($command == Net::SMPP::CMD_unbind) { return $session->unbind_resp(seq => $pdu->{seq}) }
        else { $session->generic_nack(seq => $pdu->{seq}, status => 3) }
    }
    return;
}

my $door = Net::SMPP->new_listen('127.0.0.1', port => $rules->{port}, smpp_version => 0x34, timeout => undef)
    or die "cannot listen: $!";
say_it(ready => JSON::PP::true, port => $rules->{port});
while (my $session = $door->accept) { serve($session); close $session }
