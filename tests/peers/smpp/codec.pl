# Net::SMPP's codec on its own: it has none without a connection, so it gets one to itself. Each line of JSON on stdin
# is one PDU, each line on stdout the other form of it:
#   {"command": name, "fields": {...}} becomes {"hex": "..."}, and the other way round
# Values of short_message and of optional parameters are hexadecimal both ways; "seq" and "status" are fields as others.
use strict;
use warnings;
use JSON::PP;
use Net::SMPP;

$| = 1;
my $json = JSON::PP->new->canonical->latin1;
my $octets = qr/\A(?:short_message|receipted_message_id|message_state|user_message_reference)\z/;
my $door = Net::SMPP->new_listen('127.0.0.1', port => 0) or die "cannot listen: $!";
my $near = Net::SMPP->new_connect('127.0.0.1', port => $door->sockport) or die "cannot connect: $!";
my $far  = $door->accept or die "nobody came: $!";

sub encoded {
    my ($command, $fields) = @_;
    my %given = map { $_ => /$octets/ ? pack('H*', $fields->{$_}) : $fields->{$_} } keys %{$fields};
    $near->$command(async => 1, %given);
    $far->read_hard(16, \my $header, 0);
    my $body = '';
    my $length = unpack('N', $header) - 16;
    $far->read_hard($length, \$body, 0) if $length;
    return { hex => unpack 'H*', $header . $body };
}

sub decoded {
    my ($raw) = @_;
    $far->syswrite($raw);
    my $pdu = $near->read_pdu;
    my $command = Net::SMPP::pdu_tab->{ $pdu->{cmd} }{cmd};
    my %fields = map { $_ => /$octets/ ? unpack('H*', $pdu->{$_}) : $pdu->{$_} }
        grep { !/\A(?:\d+|cmd|data|known_pdu|reserved)\z/ } keys %{$pdu};
    return { command => $command, fields => \%fields };
}

while (my $line = <STDIN>) {
    my $asked = $json->decode($line);
    my $other = exists $asked->{hex} ? decoded(pack 'H*', $asked->{hex}) : encoded($asked->{command}, $asked->{fields});
    print $json->encode($other), "\n";
}
