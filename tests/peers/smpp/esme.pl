# An ESME made of Net::SMPP. One line of JSON on stdin says what to do:
#   port, system_id, password, window
#   messages: [submit_sm's fields, ...]; short_message is hexadecimal
#   receipts: how many final receipts to wait for
# It prints one line of JSON: {"bind": status, "statuses": {status: count}, "ids": [...], "receipts": [{...}, ...]}.
use strict;
use warnings;
use JSON::PP;
use Net::SMPP;

my $json = JSON::PP->new->canonical;
my $job  = $json->decode(scalar <STDIN>);
my %told = (statuses => {}, ids => [], receipts => []);
my ($next, $answered, %at) = (0, 0);
alarm 60;

my ($session, $bound) = Net::SMPP->new_transceiver('127.0.0.1', map { $_ => $job->{$_} } qw(port system_id password));
die "no connection: $!\n" if !$session;
$told{bind} = $bound->{status};

sub submit {
    return if $next == @{ $job->{messages} };
    my %fields = %{ $job->{messages}[$next] };
    $fields{short_message} = pack 'H*', $fields{short_message};
    $at{ $session->submit_sm(%fields, async => 1) } = $next++;
    return;
}

sub answer {
    my ($pdu) = @_;
    $told{statuses}{ $pdu->{status} }++;
    $told{ids}[ $at{ $pdu->{seq} } ] = $pdu->{message_id};
    $answered++;
    return submit();
}

sub receipt {
    my ($pdu) = @_;
    $session->deliver_sm_resp(seq => $pdu->{seq}, message_id => '');
    my ($id) = unpack 'Z*', $pdu->{receipted_message_id} // '';
    my $state = $pdu->{message_state};
    my %receipt = (id => $id, state => defined $state ? ord $state : undef, text => $pdu->{short_message});
    push @{ $told{receipts} }, \%receipt;
    return;
}

submit() for 1 .. ($bound->{status} == 0 ? $job->{window} : 0);
while ($bound->{status} == 0 && ($answered < @{ $job->{messages} } || @{ $told{receipts} } < $job->{receipts})) {
    my $pdu = $session->read_pdu or die "the connection has ended\n";
    my $command = $pdu->{cmd};
    if    ($command == Net::SMPP::CMD_submit_sm_resp) { answer($pdu) }
    elsif ($command == Net::SMPP::CMD_deliver_sm)     { receipt($pdu) }
    elsif ($command == Net::SMPP::CMD_enquire_link)   { $session->enquire_link_resp(seq => $pdu->{seq}) }
}
print $json->encode(\%told), "\n";
$session->unbind if $bound->{status} == 0;
