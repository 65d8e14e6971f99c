-- Run once by the postgres image on an empty volume: one database per service, none shared.
CREATE DATABASE crm_contacts;
CREATE DATABASE crm_deals;
CREATE DATABASE crm_telephony;
CREATE DATABASE crm_notifications;
CREATE DATABASE crm_reports;
CREATE DATABASE crm_gateway;
